//! What is PostgreSQL's alone: several servers, lost connections, locks of others, the feed's snapshots.

use crate::support::{postgres, postgres_url};
use portcullis_core::account::{ChangeTo, UserChange};
use portcullis_core::audit::AuditEvent;
use portcullis_core::event::Event;
use portcullis_core::store::{AccountStore, CreateUser, EventStore, Lifecycle, NoHook};
use portcullis_core::testing::fixture::{START, at, audit_entry, new_user};
use portcullis_sqlx::{OpenError, Postgres};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const NOWHERE: &str = "postgres://ada:hunter2@127.0.0.1:1/app";

async fn migrated() -> Option<Postgres> {
    let store = postgres().await?;
    store.migrate(START).await.expect("migrates");
    Some(store)
}

async fn person(store: &Postgres, email: &str) -> portcullis_core::account::User {
    match store.create_user(new_user(email), audit_entry(AuditEvent::AccountCreated), &NoHook).await {
        Ok(CreateUser::Created(user)) => user,
        other => panic!("not created: {other:?}"),
    }
}

/// A connection of another program to the database of `store`.
async fn another(store: &Postgres) -> PgConnection {
    PgConnection::connect_with(&store.pool().connect_options()).await.expect("connects")
}

#[tokio::test]
async fn of_several_servers_the_first_that_answers_is_used() {
    let Some(url) = postgres_url().await else { return };
    let store = Postgres::connect(format!("{NOWHERE}, {url}")).await.expect("connects to the second");
    store.migrate(START).await.expect("migrates");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_the_password() {
    match Postgres::connect(NOWHERE).await {
        Err(error @ OpenError::NoPrimary { .. }) => {
            let text = format!("{error} {error:?}");
            assert!(text.contains("127.0.0.1:1") && !text.contains("hunter2"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    for url in ["", "sqlite://app.db", "postgres://ada:hunter2@host:port/app"] {
        let refused = Postgres::connect(url).await.expect_err("no URL of PostgreSQL");
        assert!(matches!(refused, OpenError::BadUrl { .. }) && !format!("{refused:?}").contains("hunter2"), "{url}");
    }
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived() {
    let Some(store) = migrated().await else { return };
    let ada = person(&store, "ada@example.com").await;
    for _ in 0..3 {
        // Several connections, all of which die.
        let (a, b, c) = tokio::join!(store.list_users(0, 1), store.list_users(0, 1), store.list_users(0, 1));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        let mut admin = another(&store).await;
        admin
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .expect("terminates");
        let change = UserChange { is_verified: ChangeTo::Set(true), ..UserChange::nothing(at(1)) };
        store
            .update_user(ada.id, change, vec![], audit_entry(AuditEvent::AccountUpdated))
            .await
            .expect("works at once");
    }
}

#[tokio::test]
async fn a_lock_of_another_program_makes_us_unavailable_and_not_wait_for_ever() {
    let Some(store) = migrated().await else { return };
    let ada = person(&store, "ada@example.com").await;
    let mut other = another(&store).await;
    let mut held = other.begin().await.expect("begins");
    held.execute(AssertSqlSafe(format!(r#"SELECT * FROM "user" WHERE id = '{}' FOR UPDATE"#, ada.id)))
        .await
        .expect("holds");
    assert!(store.find_user(ada.id).await.is_ok(), "readers do not wait");
    let change = || UserChange { is_verified: ChangeTo::Set(true), ..UserChange::nothing(at(1)) };
    let refused = store.update_user(ada.id, change(), vec![], audit_entry(AuditEvent::AccountUpdated)).await;
    assert!(refused.is_err_and(|error| error.is_unavailable()));
    held.commit().await.expect("lets go");
    store.update_user(ada.id, change(), vec![], audit_entry(AuditEvent::AccountUpdated)).await.expect("works again");
}

#[tokio::test]
async fn a_host_may_refer_to_an_account_while_we_hold_it() {
    let Some(store) = migrated().await else { return };
    let ada = person(&store, "ada@example.com").await;
    store.pool().execute(r#"CREATE TABLE job (owner UUID REFERENCES "user" (id))"#).await.expect("a table");
    let mut ours = store.pool().begin().await.expect("begins");
    let change = UserChange { is_verified: ChangeTo::Set(true), ..UserChange::nothing(at(1)) };
    store.update_user_in(&mut ours, ada.id, change, audit_entry(AuditEvent::AccountUpdated)).await.expect("works");
    let mut other = another(&store).await;
    other.execute("SET lock_timeout = 1000").await.expect("set");
    let inserted = other.execute(AssertSqlSafe(format!("INSERT INTO job VALUES ('{}')", ada.id))).await;
    inserted.expect("does not wait for us");
    ours.commit().await.expect("commits");
}

#[tokio::test]
async fn a_commit_that_comes_late_is_not_missed() {
    let Some(store) = migrated().await else { return };
    let start = store.feed_end().await.expect("works");
    let mut slow = store.pool().begin().await.expect("begins");
    let created =
        store.create_user_in(&mut slow, new_user("slow@example.com"), audit_entry(AuditEvent::AccountCreated));
    let Ok(CreateUser::Created(slow_user)) = created.await else { panic!("not created") };
    // Its number in the feed is larger, and it is there first.
    let fast_user = person(&store, "fast@example.com").await;
    let (events, cursor) = store.read_feed(start).await.expect("works");
    assert!(events.contains(&Event::User(fast_user.id)) && !events.contains(&Event::User(slow_user.id)), "{events:?}");
    slow.commit().await.expect("commits");
    let (events, _) = store.read_feed(cursor).await.expect("works");
    assert!(events.contains(&Event::User(slow_user.id)), "{events:?}");
}

#[tokio::test]
async fn only_what_revokes_wakes_the_listeners() {
    let Some(store) = migrated().await else { return };
    let mut listener = sqlx::postgres::PgListener::connect_with(store.pool()).await.expect("connects");
    listener.listen("portcullis_event").await.expect("listens");
    let ada = person(&store, "ada@example.com").await;
    let change = |fill: fn(&mut UserChange)| {
        let mut change = UserChange::nothing(at(1));
        fill(&mut change);
        store.update_user(ada.id, change, vec![], audit_entry(AuditEvent::AccountUpdated))
    };
    change(|change| change.is_verified = ChangeTo::Set(true)).await.expect("works");
    let fence = |name: &'static str| store.pool().execute(AssertSqlSafe(format!("NOTIFY portcullis_event, '{name}'")));
    fence("quiet so far").await.expect("notifies");
    assert_eq!(listener.recv().await.expect("a notice").payload(), "quiet so far");
    change(|change| change.is_active = ChangeTo::Set(false)).await.expect("works");
    fence("after").await.expect("notifies");
    assert_eq!(listener.recv().await.expect("a notice").payload(), "", "the deactivation");
}

#[tokio::test]
async fn another_role_with_another_search_path_fires_our_triggers() {
    let Some(store) = migrated().await else { return };
    let role = format!("neighbour_{}", portcullis_core::ids::UserId::random(&portcullis_core::rng::OsRng).0.simple());
    let mut other = another(&store).await;
    other
        .execute(AssertSqlSafe(format!(
            r#"CREATE ROLE {role}; GRANT ALL ON "user" TO {role}; SET ROLE {role}; SET search_path = pg_catalog"#
        )))
        .await
        .expect("a role that may use only the account table");
    let id = portcullis_core::ids::UserId::random(&portcullis_core::rng::OsRng);
    let insert = format!(r#"INSERT INTO public."user" VALUES ('{id}', 'bob@example.com', 'x', TRUE, FALSE, FALSE)"#);
    other.execute(AssertSqlSafe(insert)).await.expect("works");
    other.execute(r#"UPDATE public."user" SET is_active = FALSE"#).await.expect("works");
    let epoch = store.find_credentials(id).await.expect("works").expect("is there").epoch;
    assert_eq!(epoch.0, 1);
    other.execute(r#"DELETE FROM public."user""#).await.expect("works");
    let clean = format!("RESET ROLE; RESET search_path; DROP OWNED BY {role}; DROP ROLE {role}");
    other.execute(AssertSqlSafe(clean)).await.expect("cleans up");
}

#[tokio::test]
async fn addresses_and_sessions_are_found_by_indexes() {
    let Some(store) = migrated().await else { return };
    for statement in [
        r#"INSERT INTO "user" SELECT gen_random_uuid(), 'user' || i || '@example.com', 'x', TRUE, FALSE, FALSE
            FROM generate_series(1, 10000) i"#,
        "INSERT INTO portcullis_session (id, user_id, kind, created_at, last_seen_at, expires_at, epoch)
            SELECT gen_random_uuid(), id, 'password', 0, 0, 0, 0 FROM \"user\"",
        "INSERT INTO portcullis_refresh (session_id, generation, salt, key_id, newest, repeats, idle_expires_at)
            SELECT id, 0, ''::bytea, '', ''::bytea, 0, 0 FROM portcullis_session",
        "UPDATE portcullis_email SET key = user_id::text",
        "VACUUM ANALYZE",
    ] {
        store.pool().execute(statement).await.expect("many accounts");
    }
    for plan in store.query_plans().await.expect("works") {
        assert!(!plan.steps.iter().any(|step| step.contains("Seq Scan")), "{plan:?}");
        assert!(plan.steps.iter().any(|step| step.contains("Index Scan")), "{plan:?}");
    }
    let plan = &store.query_plans().await.expect("works")[0];
    for index in ["portcullis_user_email", "portcullis_email_key_key"] {
        assert!(plan.steps.iter().any(|step| step.contains(index)), "{index}: {plan:?}");
    }
}
