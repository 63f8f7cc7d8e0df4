use super::*;

type Text = Map<CompactString>;

fn keys<V>(map: &Map<V>) -> Vec<&str> {
    map.keys().map(CompactString::as_str).collect()
}

#[test]
fn a_map_is_as_thin_as_a_vec() {
    assert_eq!(size_of::<Map<CompactString>>(), 24);
    assert_eq!(size_of::<Option<Map<CompactString>>>(), 24);
}

#[test]
fn entries_are_sorted_and_the_later_of_two_values_stays() {
    let map = Text::from([("b", "1"), ("a", "2"), ("c", "3"), ("a", "4"), ("a", "5")]);
    assert_eq!(map.into_entries(), [("a".into(), "5".into()), ("b".into(), "1".into()), ("c".into(), "3".into())]);
}

#[test]
fn it_behaves_as_a_btree_map_does() {
    // A fixed pseudo-random walk over inserts, removals and look-ups, against the standard library's map.
    let (mut ours, mut theirs, mut state) = (Map::<u32>::new(), BTreeMap::<CompactString, u32>::new(), 12345_u32);
    for step in 0..5000_u32 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let key = CompactString::from(format!("k{}", (state >> 16) % 40));
        match (state >> 8) % 5 {
            0 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
            1 => assert_eq!(ours.get(&key), theirs.get(&key)),
            2 => {
                *ours.entry(key.clone()).and_modify(|v| *v += 1).or_insert(step) += 2;
                *theirs.entry(key).and_modify(|v| *v += 1).or_insert(step) += 2;
            }
            _ => assert_eq!(ours.insert(key.clone(), step), theirs.insert(key, step)),
        }
        assert!(ours.iter().eq(theirs.iter()), "they differ after step {step}");
    }
    assert!(theirs.len() > 10);
}

#[test]
fn inserting_puts_a_key_where_it_belongs() {
    let mut map = Map::<i64>::new();
    assert_eq!(map.insert("m", 1), None);
    assert_eq!(map.insert("z", 2), None);
    assert_eq!(map.insert("a", 3), None);
    assert_eq!(map.insert("m", 4), Some(1));
    assert_eq!(keys(&map), ["a", "m", "z"]);
    assert_eq!(map["m"], 4);
    assert_eq!(map.get_index(2).map(|(key, value)| (key.as_str(), *value)), Some(("z", 2)));
    assert_eq!(map.get_index(3), None);
    assert_eq!((map.len(), map.contains_key("b"), map.get("z")), (3, false, Some(&2)));
}

#[test]
fn entries_can_be_filled_changed_and_taken_out() {
    let mut map = Map::<i64>::from([("b", 1)]);
    *map.entry("a").or_default() += 5;
    assert_eq!(map.entry("c").key(), "c");
    match map.entry("b") {
        Entry::Occupied(entry) => assert_eq!(entry.remove_entry(), ("b".into(), 1)),
        Entry::Vacant(_) => panic!("b is there"),
    }
    match map.entry("a") {
        Entry::Occupied(mut entry) => assert_eq!((entry.insert(7), *entry.get()), (5, 7)),
        Entry::Vacant(_) => panic!("a is there"),
    }
    assert_eq!(map, Map::from([("a", 7)]));
}

#[test]
fn both_ends_can_be_seen_and_taken() {
    let mut map = Map::<i64>::from([("b", 2), ("a", 1), ("c", 3)]);
    assert_eq!(map.first_key_value().map(|(k, v)| (k.as_str(), *v)), Some(("a", 1)));
    assert_eq!(map.last_key_value().map(|(k, v)| (k.as_str(), *v)), Some(("c", 3)));
    assert_eq!(map.pop_first(), Some(("a".into(), 1)));
    assert_eq!(map.pop_last(), Some(("c".into(), 3)));
    assert_eq!(map.iter().rev().len(), 1);
}

#[test]
fn appending_and_extending_prefer_the_newcomers() {
    let mut map = Text::from([("a", "1"), ("b", "1")]);
    let mut other = Text::from([("b", "2"), ("c", "2")]);
    map.append(&mut other);
    assert!(other.is_empty());
    map.extend([("0", "3"), ("c", "3")]);
    assert_eq!(map, Text::from([("0", "3"), ("a", "1"), ("b", "2"), ("c", "3")]));
    map.retain(|key, value| {
        value.push('!');
        key != "b"
    });
    assert_eq!(map, Text::from([("0", "3!"), ("a", "1!"), ("c", "3!")]));
}

#[test]
fn it_converts_from_and_to_the_standard_maps() {
    let tree = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
    let map = Text::from(tree.clone());
    assert_eq!(BTreeMap::<String, CompactString>::from(map.clone()).len(), 2);
    let hash: HashMap<CompactString, CompactString> = map.clone().into();
    assert_eq!(Text::from(hash), map);
}

#[test]
fn values_can_be_changed_while_iterating() {
    let mut map = Map::<i64>::from([("a", 1), ("b", 2)]);
    map.values_mut().for_each(|v| *v *= 10);
    for (_, value) in &mut map {
        *value += 1;
    }
    assert_eq!(map.clone().into_values().collect::<Vec<_>>(), [11, 21]);
    assert_eq!(map.into_keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn it_reads_and_writes_a_json_object_and_null_is_empty() {
    let map: Text = serde_json::from_str(r#"{"b":"1","a":"2","b":"3"}"#).expect("an object");
    assert_eq!(serde_json::to_string(&map).expect("plain strings"), r#"{"a":"2","b":"3"}"#);
    assert!(serde_json::from_str::<Text>("null").expect("null").is_empty());
    assert!(serde_json::from_str::<Text>("[]").is_err());
}

#[test]
fn debug_prints_a_map() {
    assert_eq!(format!("{:?}", Text::from([("a", "1")])), r#"{"a": "1"}"#);
}
