//! The list of cases: written once, here. A name without a function does not compile, a function without a name is
//! reported as never used.

/// Makes one test of every case that a store must pass; see [`testing::conformance`](mod@crate::testing::conformance).
#[macro_export]
macro_rules! conformance {
    (test = $test:meta, store = $store:expr, spawn = $spawn:expr $(,)?) => {
        $crate::conformance_cases! { [$crate::conformance_tests] { { $test } { $store } { $spawn } } }
    };
}

/// Writes the tests.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ({ { $test:meta } { $store:expr } { $spawn:expr } } $($feature:ident { $($case:ident,)* })*) => {
        $(
            mod $feature {
                #![allow(unused_imports, reason = "the names that `store` and `spawn` are made of may be paths")]
                use super::*;

                $(
                    #[$test]
                    async fn $case() {
                        $crate::testing::conformance::run(stringify!($feature), stringify!($case), $store, $spawn)
                            .await;
                    }
                )*
            }
        )*
    };
}

/// Hands the list to the macro in brackets, after its arguments in braces.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! {
            $args
            account {
                a_created_account_is_found_by_id_and_by_address,
                an_account_has_the_flags_that_it_was_created_with,
                an_address_is_found_in_every_spelling_and_kept_in_its_own,
                a_taken_address_is_refused_in_every_spelling,
                of_fifty_parallel_creations_of_one_address_one_wins,
                parallel_creations_of_different_addresses_all_win,
                odd_input_finds_nobody,
                a_hash_comes_back_as_it_was_written,
                accounts_are_listed_oldest_first_with_the_total,
                a_superuser_counts_only_while_active,
                dev_superusers_are_listed_until_they_are_kept_or_demoted,
                keeping_a_dev_superuser_twice_does_nothing,
                hashes_are_counted_by_their_parameters,
            }
            account_change {
                a_change_shows_in_the_account_and_names_its_members_in_the_audit_row,
                a_change_of_an_unknown_account_does_nothing,
                another_address_set_as_verified_stays_verified,
                the_old_address_is_free_after_a_change,
                a_taken_address_refuses_the_whole_change,
                of_twenty_accounts_changing_to_one_address_one_wins,
                parallel_changes_of_different_members_are_all_kept,
                mails_are_queued_with_the_change_and_only_then,
            }
            account_delete {
                a_deleted_account_is_gone_with_all_that_is_ours_but_the_audit,
                a_deletion_of_an_unknown_account_does_nothing,
                of_twenty_parallel_deletions_one_wins,
                the_address_of_a_deleted_account_is_free,
            }
            superuser {
                the_last_active_superuser_cannot_be_demoted,
                the_last_active_superuser_cannot_be_deactivated,
                the_last_active_superuser_cannot_be_deleted,
                one_of_two_superusers_can_be_demoted_and_deleted,
                of_two_superusers_demoting_each_other_one_remains,
                of_two_superusers_deleting_each_other_one_remains,
                of_ten_superusers_leaving_at_once_one_remains,
            }
            hook {
                a_hook_runs_once_for_a_created_account_and_never_for_a_refused_one,
                a_veto_leaves_nothing_behind,
                a_hook_that_fails_leaves_nothing_behind,
                of_twenty_parallel_creations_with_a_slow_hook_one_wins,
                a_transaction_of_another_kind_is_refused,
            }
            revoke {
                a_change_of_nothing_ends_nothing,
                another_address_is_unverified_and_kills_what_was_mailed,
                another_spelling_of_the_address_keeps_verified_and_kills_nothing,
                a_password_change_ends_other_sessions_and_keeps_this_one_usable,
                a_password_change_in_no_session_ends_all,
                a_session_of_somebody_else_is_not_touched_by_being_kept,
                a_password_change_kills_reset_tokens_and_approvals_but_not_verify_tokens,
                a_deactivation_ends_all_for_good,
                an_ended_session_is_not_revived_by_being_kept,
            }
            session {
                a_session_comes_back_as_it_was_created,
                a_session_opens_until_just_before_it_expires,
                a_proof_from_before_a_credential_event_opens_nothing,
                a_password_that_is_no_longer_the_stored_one_opens_nothing,
                a_better_hash_replaces_the_old_one_and_ends_nothing,
                of_twenty_parallel_upgrades_of_a_hash_none_overwrites_another,
                nobody_and_the_inactive_get_no_session,
                a_session_ends_once_and_says_why,
                somebody_elses_session_cannot_be_ended,
                of_fifty_parallel_ends_one_wins,
                all_sessions_but_one_end_together,
            }
            session_list {
                sessions_are_listed_latest_used_first,
                touching_nothing_harms_nobody,
                ended_expired_and_outdated_sessions_are_not_listed,
                no_session_survives_a_password_change_that_it_raced_with,
                no_session_survives_a_deactivation_that_it_raced_with,
                no_session_survives_a_password_reset_that_it_raced_with,
                no_session_survives_a_deletion_that_it_raced_with,
            }
            refresh {
                the_newest_token_makes_the_next_generation,
                a_lost_answer_is_given_again_an_hour_later,
                of_twenty_parallel_refreshes_all_get_one_next_token,
                an_older_token_ends_the_session_once_its_successor_was_presented,
                a_token_dies_a_minute_after_its_successors_access_token_was_used,
                the_sixty_fifth_repetition_ends_the_session,
                a_family_is_over_by_time_without_being_called_stolen,
                nothing_is_refreshed_where_the_session_or_its_user_is_over,
            }
            impersonation {
                a_minted_session_opens_and_names_its_superuser,
                only_an_active_superuser_of_the_given_epoch_mints,
                ending_the_superusers_session_ends_what_was_minted_in_it,
                ending_a_minted_session_leaves_the_superusers_own,
                ending_all_sessions_of_a_superuser_cuts_what_was_minted_in_them,
                a_minted_session_ends_when_the_superusers_session_expires,
                demotion_deactivation_and_password_change_of_the_superuser_cut_for_good,
                deletion_of_the_superuser_cuts,
                what_ends_the_users_sessions_ends_minted_ones_too,
                a_session_minted_in_an_ended_one_opens_nothing,
                no_minted_session_survives_a_demotion_that_it_raced_with,
            }
            legacy {
                an_old_token_of_an_untouched_account_lives,
                password_change_deactivation_and_reset_kill_old_tokens,
                other_changes_leave_old_tokens_alone,
                a_signed_out_old_token_is_denied_and_no_other,
                parallel_denials_of_one_token_all_end_well,
            }
            one_time {
                a_reset_sets_the_password_and_ends_everything,
                of_fifty_parallel_resets_one_wins,
                only_the_newest_value_works,
                of_twenty_values_made_at_once_one_works,
                a_value_works_until_just_before_it_expires,
                looking_at_a_value_does_not_use_it_up,
                a_value_of_one_purpose_never_opens_another,
                a_value_dies_with_what_it_was_made_for,
                no_value_is_made_for_nobody_the_inactive_or_an_old_address,
                a_value_is_made_with_its_mail,
            }
            verify {
                a_verified_address_is_marked_once,
                of_fifty_parallel_verifications_one_wins_and_the_others_hear_so,
                an_address_proved_otherwise_is_already_verified,
                a_used_token_does_not_verify_again,
                a_token_for_the_old_address_proves_nothing,
                an_older_token_proves_nothing,
                a_token_proves_until_just_before_it_expires,
                tokens_of_nobody_the_inactive_and_another_purpose_prove_nothing,
                no_verification_proves_an_address_that_came_meanwhile,
            }
            device {
                a_started_login_is_found_by_its_code,
                a_code_is_free_again_when_its_login_is_dead,
                of_twenty_parallel_logins_with_one_code_one_wins,
                of_twenty_approvers_one_wins,
                only_an_active_user_approves_and_only_in_time,
            }
            device_decide {
                the_first_to_look_claims_and_only_the_claimant_decides,
                an_expired_or_unknown_login_is_not_claimed,
                of_twenty_parallel_claims_one_wins,
                a_rejection_is_final,
                an_expired_login_may_still_be_rejected,
                an_approval_is_taken_back_by_the_approver_alone,
                a_redeemed_login_is_nobodys_to_reject,
                of_an_approval_and_a_rejection_at_once_one_wins,
            }
            device_redeem {
                an_approved_login_is_redeemed_once,
                of_fifty_parallel_polls_one_redeems,
                an_approval_is_redeemed_until_just_before_it_expires,
                what_nobody_approved_is_not_redeemed,
                an_approval_dies_with_the_approvers_credentials,
                an_approval_outlives_a_demotion_and_a_new_address,
                of_a_redemption_and_a_rejection_at_once_one_wins,
                no_redemption_survives_a_password_change_that_it_raced_with,
            }
            audit {
                a_row_comes_back_as_it_was_written,
                a_row_of_nobody_from_nowhere_comes_back_empty,
                details_keep_every_letter,
                every_event_has_a_name_that_is_found_again,
                rows_are_found_by_who_and_whom,
                rows_are_found_by_result_and_time,
                pages_follow_each_other_newest_first_while_rows_are_written,
                parallel_rows_are_all_kept,
            }
            throttle {
                a_burst_is_allowed_and_then_one_per_refill,
                buckets_have_nothing_to_do_with_each_other,
                a_forgotten_bucket_is_full,
                of_fifty_parallel_tries_as_many_as_the_burst_are_allowed,
                every_verdict_is_the_one_that_the_rule_gives,
                a_clock_that_jumps_back_gives_nothing_away,
            }
            outbox {
                a_mail_comes_back_as_it_was_written,
                a_claimed_mail_is_nobody_elses_until_the_lease_runs_out,
                a_sent_mail_is_gone,
                a_failed_mail_is_due_at_its_next_time,
                what_failed_soon_is_due_before_its_lease_would_have_run_out,
                no_more_are_claimed_than_asked_for,
                the_longest_waiting_are_claimed_first,
                twenty_parallel_claimers_never_hold_the_same_mail,
            }
            event {
                creation_change_and_deletion_of_an_account_are_heard,
                the_end_of_every_session_is_heard,
                a_reader_goes_on_where_it_stopped,
                nothing_is_missed_while_others_write,
                a_reader_that_slept_through_a_purge_is_told,
                opening_a_session_with_a_better_hash_keeps_the_feed_whole,
            }
            lifecycle {
                migrating_twice_changes_nothing,
                eight_parallel_migrations_end_with_one_schema,
                a_migrated_store_is_ready,
                a_store_that_was_empty_was_not_adopted,
            }
            purge {
                nothing_old_means_nothing_purged,
                sessions_go_when_they_ended_or_expired_before_the_boundary,
                one_time_values_go_when_they_expired_before_the_boundary,
                device_logins_go_when_they_expired_before_the_boundary,
                audit_rows_go_when_they_are_older_than_the_boundary,
                expired_denials_and_full_buckets_go,
                guests_go_when_they_are_old_and_nobody_uses_them,
            }
        }
    };
}
