//! What is said of a type that stands in several places, each with a description of its own.

use super::Descriptions;

/// How many different descriptions are shown at most.
const AT_MOST: usize = 3;

/// The description of something that is described more than once.
///
/// Descriptions that begin with the same sentence are one: the longest is the one that a newer version of the same Go type
/// has. Of what is left, up to three stand one below the other, the most frequent first. More would say nothing: a field
/// that has the type shows its own description in any case.
pub fn agreed(descriptions: &Descriptions) -> Option<String> {
    let mut distinct: Vec<(String, &str, usize)> = Vec::new();
    for (text, count) in descriptions {
        let first = first_sentence(text);
        match distinct.iter_mut().find(|(known, ..)| *known == first) {
            Some((_, known, total)) => {
                *total += count;
                if (text.len(), text.as_str()) > (known.len(), *known) {
                    *known = text;
                }
            }
            None => distinct.push((first, text, *count)),
        }
    }
    distinct.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.1.cmp(b.1)));
    match distinct.as_slice() {
        [] => None,
        [(_, text, _)] => Some((*text).to_owned()),
        several if several.len() <= AT_MOST => {
            Some(several.iter().map(|(_, text, _)| *text).collect::<Vec<_>>().join("\n\nElsewhere: "))
        }
        [(_, text, count), ..] => {
            let total: usize = distinct.iter().map(|(.., count)| count).sum();
            (count * 2 > total).then(|| (*text).to_owned())
        }
    }
}

/// What two descriptions are compared by: the letters of the first sentence.
fn first_sentence(text: &str) -> String {
    let end = text.find(". ").or_else(|| text.find(".\n")).or_else(|| text.find('\n')).unwrap_or(text.len());
    text[..end].chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[(&str, usize)]) -> Option<String> {
        agreed(&texts.iter().map(|(text, count)| ((*text).to_owned(), *count)).collect())
    }

    #[test]
    fn one_sentence_is_said_once_and_as_its_longest_form() {
        let newer = "Name of the referent. More info: elsewhere.";
        assert_eq!(of(&[("Name of the referent.", 9), (newer, 1)]).as_deref(), Some(newer));
    }

    #[test]
    fn few_descriptions_stand_below_one_another_and_many_are_left_out() {
        assert_eq!(of(&[("A.", 1), ("B.", 2)]).as_deref(), Some("B.\n\nElsewhere: A."));
        assert_eq!(of(&[("A.", 1), ("B.", 1), ("C.", 1), ("D.", 1)]), None);
        assert_eq!(of(&[("A.", 4), ("B.", 1), ("C.", 1), ("D.", 1)]).as_deref(), Some("A."));
        assert_eq!(of(&[]), None);
    }
}
