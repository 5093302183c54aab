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
                a_change_of_nothing_ends_nothing,
                another_address_is_unverified_and_kills_what_was_mailed,
                another_address_set_as_verified_stays_verified,
                another_spelling_of_the_address_keeps_verified_and_kills_nothing,
                the_old_address_is_free_after_a_change,
                a_taken_address_refuses_the_whole_change,
                of_twenty_accounts_changing_to_one_address_one_wins,
                parallel_changes_of_different_members_are_all_kept,
                a_password_change_ends_other_sessions_and_keeps_this_one_usable,
                a_password_change_in_no_session_ends_all,
                a_session_of_somebody_else_is_not_touched_by_being_kept,
                a_password_change_kills_reset_tokens_and_approvals_but_not_verify_tokens,
                a_deactivation_ends_all_for_good,
                mails_are_queued_with_the_change_and_only_then,
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
            account_delete {
                a_deleted_account_is_gone_with_all_that_is_ours_but_the_audit,
                a_deletion_of_an_unknown_account_does_nothing,
                of_twenty_parallel_deletions_one_wins,
                the_address_of_a_deleted_account_is_free,
            }
            hook {
                a_hook_runs_once_for_a_created_account_and_never_for_a_refused_one,
                a_veto_leaves_nothing_behind,
                a_hook_that_fails_leaves_nothing_behind,
                a_transaction_of_another_kind_is_refused,
            }
        }
    };
}
