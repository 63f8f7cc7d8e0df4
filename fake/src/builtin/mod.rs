//! What Go code does to the built-in kinds, and no document tells: defaults, what is set at creation, and checks.

pub(crate) mod addresses;
mod admission;
mod allocate;
pub(crate) mod api_services;
mod autoscalers;
pub(crate) mod budgets;
mod checks;
mod claim_sources;
pub(crate) mod cleanup;
mod defaults;
mod device_versions;
mod devices;
pub(crate) mod flows;
mod form;
mod kinds;
pub(crate) mod limit_ranges;
pub(crate) mod naming;
mod pod_groups;
pub(crate) mod pod_level;
pub(crate) mod pod_security;
mod prepare;
mod priorities;
mod quantity_text;
pub(crate) mod quotas;
mod resource_lists;
mod runtime_classes;
mod scale;
mod times;
mod views;
mod warnings;
mod whole;
mod zeros;

pub(crate) use admission::admit;
pub(crate) use checks::{
    check, check_ephemeral, check_resize, check_status, fits_node, problems_of_address, resized, selects,
};
pub(crate) use defaults::{set_defaults, set_stored_version, set_zeros};
pub(crate) use devices::{admin_access, changed_drivers, date_taints, prepare_update as prepare_devices};
pub(crate) use form::{Formless, empty_lists, in_form, put_empty_lists, read, set_nulls};
use kinds::is_early;
pub(crate) use kinds::{Generation, of, storage_place};
pub(crate) use prepare::{prepare_new, prepare_status, prepare_update};
pub(crate) use priorities::of_a_new_cluster;
pub(crate) use scale::{custom_scale_of, number_at, scale_of, set_replicas, text_at};
pub(crate) use times::whole_seconds;
pub(crate) use views::{
    are_same, converted, drop_annotations, has_older, have_same_fields, in_version, is_of_core, is_older, is_view,
    lost_field, stored_path,
};
pub(crate) use warnings::{deprecation, warnings};
pub(crate) use whole::{Way, has_all_fields_of};
pub(crate) use zeros::as_converted;
