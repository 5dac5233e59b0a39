//! The contracts of the traits as tests: one suite a trait, run over every implementation by a macro.
//!
//! A macro makes one named test of every case, so no implementation can leave one out. It takes a function that runs a
//! future to its end (the runtime is the adapter's), and an async function that makes a fresh, empty instance together
//! with a guard that lives as long as the test. The function answers `None` where the instance cannot be had on this
//! machine, after saying so.
//!
//! ```ignore
//! async fn fresh() -> Option<(Arc<dyn Catalog>, TempDir)> { … }
//! vitrina_core::catalog_conformance!(block_on, fresh);
//! ```
//!
//! For queues the function takes the [`QueueOptions`](crate::queue::QueueOptions) that the case wants.

pub mod catalog;
pub mod index;
pub mod photos;
pub mod queue;

/// Makes a module of tests out of a list of cases; the suites' macros call it.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    ($name:ident, $block_on:expr, $fresh:expr, [$($case:ident),* $(,)?]) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    ($block_on)(async {
                        if let Some((instance, _guard)) = ($fresh)().await {
                            $crate::conformance::$name::$case(&*instance).await;
                        }
                    });
                }
            )*
        }
    };
}

/// Runs the suite of [`Catalog`](crate::Catalog): `catalog_conformance!(block_on, fresh)`.
#[macro_export]
macro_rules! catalog_conformance {
    ($block_on:expr, $fresh:expr) => {
        $crate::conformance_cases!(
            catalog,
            $block_on,
            $fresh,
            [
                an_empty_catalogue_answers_empty,
                the_identity_stays,
                categories_are_listed_by_number,
                category_names_stay_unique,
                an_invalid_category_refuses_the_batch,
                a_deleted_category_leaves_its_products,
                products_come_back_as_they_were_written,
                products_are_answered_in_the_order_asked,
                new_numbers_are_higher_than_all_before,
                an_upsert_replaces_the_product_whole,
                an_invalid_product_refuses_the_batch,
                an_unknown_category_refuses_the_batch,
                deleting_counts_what_was_there,
                odd_text_is_kept,
                filters_apply_alone_and_together,
                every_sort_pages_through_everything_once,
                a_cursor_survives_writes_between_pages,
                invalid_queries_are_refused,
                embeddings_come_with_the_feed,
                embeddings_of_two_spaces_stand_side_by_side,
                an_embedding_goes_with_its_photo,
                every_photo_of_a_product_has_its_embedding,
                photos_without_an_embedding_are_found,
                the_sum_of_customers_photos_is_shared,
                the_feed_gives_the_whole_catalogue,
                the_feed_gives_only_the_last_state,
                the_feed_has_deletions,
                a_renamed_category_brings_its_products,
                the_feed_can_be_read_in_small_batches,
                a_refused_batch_leaves_no_change,
                every_part_of_a_product_is_kept,
                a_key_leads_to_its_product,
                a_key_belongs_to_one_product,
                of_several_drafts_for_one_product_the_last_counts,
                a_product_stands_in_several_categories,
                categories_form_a_tree,
                a_category_is_moved_with_what_is_below_it,
                a_deleted_category_gives_its_children_to_its_parent,
                a_category_that_is_not_empty_is_not_deleted,
                what_is_in_a_deleted_category_moves,
                a_sale_price_counts_while_it_applies,
                availability_and_variants_decide_what_is_in_stock,
                offers_change_and_everything_else_stays,
                a_batch_of_offers_is_written_whole_or_not_at_all,
                offers_that_are_so_already_do_not_come_anew,
                a_changed_stock_counts_with_variants_and_availability,
                a_product_is_modified_by_what_it_is,
                a_refused_modification_changes_nothing,
                a_request_is_carried_out_once,
                requests_at_the_same_time_are_carried_out_once,
                what_is_refused_is_not_recorded,
                a_request_is_forgotten_after_its_time,
            ]
        );
    };
}

/// Runs the suite of [`SearchIndex`](crate::SearchIndex): `index_conformance!(block_on, fresh)`.
#[macro_export]
macro_rules! index_conformance {
    ($block_on:expr, $fresh:expr) => {
        $crate::conformance_cases!(
            index,
            $block_on,
            $fresh,
            [
                an_empty_index_answers_empty,
                the_position_is_what_was_applied,
                a_cleared_index_is_empty,
                scores_are_the_sums_of_their_terms,
                case_accents_punctuation_and_plural_do_not_matter,
                a_query_without_a_word_finds_everything,
                all_words_come_before_some,
                unwanted_words_are_left_out,
                the_name_counts_more_than_the_description,
                products_of_a_meant_category_come_last,
                filters_apply_to_words,
                what_is_in_stock_comes_first_among_equals,
                facets_count_beside_their_own_filter,
                other_orders_leave_out_what_lacks_a_word,
                categories_are_predicted_from_the_best_products,
                suggestions_go_on_from_what_is_typed,
                every_sort_pages_through_everything_once,
                a_limit_of_zero_gives_the_counts_alone,
                pages_by_number_are_those_by_cursor,
                a_cursor_survives_changes_between_pages,
                a_change_replaces_and_a_deletion_removes,
                changes_may_be_applied_again,
                odd_queries_are_no_errors,
                the_most_similar_come_first,
                embeddings_are_sampled_evenly_over_categories,
                filters_apply_to_neighbours,
                products_without_an_embedding_have_no_neighbours,
                a_vector_of_another_length_finds_nothing,
                embeddings_are_compared_within_their_space,
                the_last_embedding_counts,
                the_best_photo_of_a_product_counts,
                main_photos_are_sampled_and_the_products_embedding,
                a_product_with_many_photos_leaves_room_for_others,
                an_index_catches_up_with_a_catalogue,
                attributes_are_searched_filtered_and_counted,
                attributes_filter_neighbours,
                codes_are_searched_with_and_without_separators,
                codes_are_found_by_their_parts,
                categories_count_and_filter_with_those_below,
                sale_prices_count_for_neighbours,
                sale_prices_count_while_they_apply,
            ]
        );
    };
}

/// Runs the suite of [`PhotoStore`](crate::PhotoStore): `photos_conformance!(block_on, fresh)`.
#[macro_export]
macro_rules! photos_conformance {
    ($block_on:expr, $fresh:expr) => {
        $crate::conformance_cases!(
            photos,
            $block_on,
            $fresh,
            [
                an_empty_store_has_nothing,
                a_photo_is_read_as_it_was_put,
                a_photo_may_be_put_again,
                photos_may_be_put_at_once,
                a_deleted_photo_is_gone,
                the_list_says_when_photos_were_put,
                reads_are_bounded,
            ]
        );
    };
}

/// Runs the suite of [`TaskQueue`](crate::TaskQueue): `queue_conformance!(block_on, fresh)`.
#[macro_export]
macro_rules! queue_conformance {
    ($block_on:expr, $fresh:expr) => {
        $crate::conformance_queue_cases!(
            $block_on,
            $fresh,
            [
                a_task_goes_its_way,
                a_trace_travels_with_its_task,
                tasks_are_handed_out_oldest_first,
                a_claim_takes_no_more_than_asked,
                an_empty_queue_answers_an_empty_claim,
                a_waiting_claim_gets_a_new_task,
                a_task_is_handed_to_one_claim_only,
                many_claims_at_once_share_the_tasks,
                a_lease_that_runs_out_gives_the_task_on,
                an_extended_lease_holds,
                a_lost_lease_cannot_be_extended,
                the_first_outcome_stands,
                a_task_can_be_ended_without_a_lease,
                a_late_worker_may_still_end_its_task,
                failures_are_kept_with_their_reason,
                a_task_given_back_comes_again_and_alone,
                a_stale_lease_gives_nothing_back,
                a_task_that_fails_too_often_is_a_dead_letter,
                a_task_whose_worker_dies_too_often_is_a_dead_letter,
                a_full_queue_refuses_until_there_is_room,
                too_many_bytes_are_refused_until_there_is_room,
                clients_take_turns,
                who_was_served_before_waits_no_longer_for_it,
                costly_tasks_are_handed_out_alone,
                a_client_has_a_capacity_of_its_own,
                results_expire,
                unknown_tasks_are_unknown,
                waiting_ends_when_the_stage_is_reached,
                waiting_ends_with_the_time_out,
                the_depth_counts_what_is_there,
                classifications_survive_the_store_unchanged,
                large_photos_survive_the_queue,
            ]
        );
    };
}

/// [`conformance_cases`] for suites whose cases make their own instance with options.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_queue_cases {
    ($block_on:expr, $fresh:expr, [$($case:ident),* $(,)?]) => {
        mod queue {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    ($block_on)(async {
                        let options = $crate::conformance::queue::options(stringify!($case));
                        if let Some((instance, _guard)) = ($fresh)(options).await {
                            $crate::conformance::queue::$case(&*instance).await;
                        }
                    });
                }
            )*
        }
    };
}
