//! What Go code does to the built-in kinds, and no document tells: defaults, what is set at creation, and checks.

pub(crate) mod addresses;
mod admission;
mod allocate;
mod autoscalers;
pub(crate) mod budgets;
mod checks;
pub(crate) mod cleanup;
mod defaults;
mod devices;
pub(crate) mod flows;
mod form;
mod kinds;
pub(crate) mod limit_ranges;
pub(crate) mod naming;
mod pod_groups;
pub(crate) mod pod_security;
mod prepare;
mod priorities;
pub(crate) mod quotas;
mod resource_lists;
mod runtime_classes;
mod scale;
mod views;
mod warnings;

pub(crate) use admission::admit;
pub(crate) use checks::{check, check_ephemeral, check_status, problems_of_address, selects};
pub(crate) use defaults::{set_defaults, set_stored_version, set_zeros};
pub(crate) use devices::{admin_access, changed_drivers, date_taints, prepare_update as prepare_devices};
pub(crate) use form::{empty_lists, in_form, put_empty_lists, set_nulls};
pub(crate) use kinds::{Generation, of};
pub(crate) use prepare::{prepare_new, prepare_status, prepare_update};
pub(crate) use priorities::of_a_new_cluster;
pub(crate) use scale::{custom_scale_of, number_at, scale_of, set_replicas, text_at};
pub(crate) use views::{
    are_same, converted, drop_annotations, has_older, have_same_fields, in_version, is_of_core, is_older, is_view,
    stored_path,
};
pub(crate) use warnings::{deprecation, warnings};
