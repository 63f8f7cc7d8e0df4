//! The last stage: a plan, spelled out as Rust.

mod definition;
mod doc;
mod enums;
mod file;
pub mod gate;
mod handle;
mod kinds;
mod registry;
mod root;
mod structs;
mod tokens;
mod unions;
mod urls;
mod version;

use crate::{
    Options, Target, Tree,
    error::Error,
    plan::{ModulePath, Plan},
};
use file::File;

/// Spells a plan out.
///
/// # Errors
///
/// If what comes out is not Rust.
pub fn emit(plan: &Plan, options: &Options) -> Result<Tree, Error> {
    let mut tree = Tree {
        files: Default::default(),
        notes: plan.notes.clone(),
        drift: plan.drift.clone(),
        problems: plan.problems.clone(),
        shared: plan.shared,
        raw_json: plan.raw_json.clone(),
    };
    if options.target == Target::Meta {
        let mut file = File::meta(plan, options);
        if let Some(module) = plan.modules.get(&ModulePath::Meta) {
            file.types(module.structs.values(), module.enums.values())?;
        }
        tree.files.insert("generated.rs".into(), file.finish("generated.rs")?);
        return Ok(tree);
    }
    for (module_path, module) in &plan.modules {
        if let ModulePath::Module { group, version } = module_path {
            for (name, text) in version::emit(plan, options, module_path, module)? {
                tree.files.insert(format!("{}{group}/{version}/{name}", options.target.folder()), text);
            }
        }
    }
    for (module_path, module) in &plan.modules {
        if let ModulePath::Shared { group } = module_path {
            let folder = group.as_ref().map(|group| format!("{group}/")).unwrap_or_default();
            let text = version::emit_shared(plan, options, module_path, module)?;
            tree.files.insert(format!("{}{folder}shared.rs", options.target.folder()), text);
        }
    }
    root::emit(plan, options, &mut tree)?;
    if options.target == Target::Crate || options.registry {
        tree.files.insert(format!("{}registry.rs", options.target.folder()), registry::emit(plan, options)?);
    }
    if options.target == Target::Crate {
        tree.files.insert("tests/kinds/mod.rs".into(), kinds::emit(plan, options)?);
        tree.files.insert("tests/urls.rs".into(), urls::emit(plan, options)?);
    }
    Ok(tree)
}
