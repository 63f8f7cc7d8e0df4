mod fields;
mod labels;
