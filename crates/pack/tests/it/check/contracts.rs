//! Kind `contract`: its fields, its clauses, and the registers beside it.

use crate::base::{said, with};

const REGISTER: &str = "duties/takeouts/register.toml";

/// Fields that make the take-outs a register of contracts.
const FIELDS: &str = r#"partner = { type = "text", label = { ja = "相手", en = "Partner" } }
starts_on = { type = "date", label = { ja = "開始", en = "From" } }
ends_on = { type = "date", label = { ja = "終了", en = "Until" } }
confidentiality = { type = "class", axis = "confidentiality", label = { ja = "機密性", en = "Class" } }
personal = { type = "choice", label = { ja = "個人情報", en = "Personal" }, choices = [
  { id = "none", label = { ja = "なし", en = "None" } },
  { id = "personal", label = { ja = "個人情報", en = "Personal" } },
  { id = "my_number", label = { ja = "番号", en = "My Number" } },
] }
place = { type = "choice", label = { ja = "場所", en = "Place" }, choices = [{ id = "office", label = { ja = "庁舎", en = "Office" } }] }
clauses = { type = "[choice]", label = { ja = "事項", en = "Clauses" }, choices = [
  { id = "obey", label = { ja = "遵守", en = "Obey" } },
  { id = "secrecy", label = { ja = "守秘", en = "Secrecy" } },
] }
checked_on = { type = "date?", label = { ja = "点検", en = "Checked" } }
certificate = { type = "file?", label = { ja = "証明書", en = "Certificate" } }
return_by = {"#;

const CLAUSES: &str = r#"
[[clause]]
id = "obey"
asks = ["policy#assets"]
wording = { ja = "守る。" }

[[clause]]
id = "secrecy"
when = "record.personal != 'none'"
asks = ["policy#assets"]
wording = { ja = "漏らさない。" }
"#;

/// What the check says of a pack whose take-outs are contracts, with a clauses.toml and changes to their register. Warnings about
/// the form are left out.
fn contracts(clauses: &str, changes: &[(&str, &str)]) -> String {
    let kind = "keep = \"5年\"\nkind = \"contract\"\nin_force = [\"out\"]";
    let mut all = vec![(REGISTER, "keep = \"5年\"", kind), (REGISTER, "return_by = {", FIELDS)];
    all.extend(changes.iter().map(|(find, replace)| (REGISTER, *find, *replace)));
    let mut source = with(&all);
    source.insert("duties/takeouts/clauses.toml", clauses.as_bytes().to_vec());
    said(&source)
}

fn errors(said: &str) -> Vec<String> {
    let heads = said.lines().filter(|line| line.starts_with("error "));
    heads.map(|line| line.split(' ').take(4).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_register_of_contracts_with_its_clauses_is_right() {
    let said = contracts(CLAUSES, &[]);
    assert_eq!(errors(&said), Vec::<String>::new(), "{said}");
}

#[test]
fn a_choice_without_its_line_and_a_line_without_its_choice() {
    let said = contracts(&CLAUSES.replace("\"secrecy\"", "\"secrecies\""), &[]);
    assert!(said.contains("error contract-clause-unknown at duties/takeouts/clauses.toml"), "{said}");
    assert!(said.contains("「secrecy」ではありませんか"), "{said}");
    assert!(said.contains("error contract-clause-missing at duties/takeouts/register.toml"), "{said}");
    assert!(said.contains("clauses.toml に、契約に書く事項「secrecy」がありません"), "{said}");
}

#[test]
fn a_clause_that_nothing_asks_for_or_that_asks_for_what_is_not_there() {
    let said = contracts(&CLAUSES.replacen("asks = [\"policy#assets\"]", "asks = []", 1), &[]);
    assert!(said.contains("error contract-clause-unasked at duties/takeouts/clauses.toml"), "{said}");
    assert!(said.contains("契約に書く事項「obey」を求める条項がありません"), "{said}");
    let said = contracts(&CLAUSES.replacen("policy#assets", "policy#nowhere", 1), &[]);
    assert!(said.contains("error clause-unknown at duties/takeouts/clauses.toml"), "{said}");
    let said = contracts(&CLAUSES.replace("record.personal != 'none'", "record.persona != 'none'"), &[]);
    assert!(said.contains("duties/takeouts/clauses.toml") && said.contains("persona"), "{said}");
    let said = contracts(&CLAUSES.replacen("wording = { ja = \"守る。\" }", "", 1), &[]);
    assert!(said.contains("error key-missing at duties/takeouts/clauses.toml"), "{said}");
}

#[test]
fn clauses_beside_a_register_of_another_kind() {
    let mut source = with(&[]);
    source.insert("duties/assets/clauses.toml", CLAUSES.as_bytes().to_vec());
    let said = said(&source);
    assert!(said.contains("error contract-clauses-stray at duties/assets/clauses.toml"), "{said}");
}

#[test]
fn a_field_of_contracts_that_may_not_be_empty() {
    let said = contracts(CLAUSES, &[("checked_on = { type = \"date?\"", "checked_on = { type = \"date\"")]);
    assert!(said.contains("種類「contract」の台帳「takeouts」には、型 date? の項目「checked_on」が要ります"), "{said}");
    let said = contracts(CLAUSES, &[("{ id = \"my_number\"", "{ id = \"number\"")]);
    assert!(said.contains("error kind-choice") && said.contains("選択肢「my_number」が要ります"), "{said}");
}

/// A register that refers to contracts and to itself, and lacks what a register of sub-contracts has.
#[test]
fn a_register_beside_contracts_lacks_its_fields() {
    let kind = "keep = \"5年\"\nkind = \"contract\"\nin_force = [\"out\"]";
    let mut source = with(&[(REGISTER, "keep = \"5年\"", kind), (REGISTER, "return_by = {", FIELDS)]);
    source.insert("duties/takeouts/clauses.toml", CLAUSES.as_bytes().to_vec());
    let beside = |fields: &str| {
        format!(
            "title = {{ ja = \"再委託\", en = \"Sub\" }}\nnumber = \"第{{seq}}号\"\nkeep = \"5年\"\nname = \"partner\"\n\n[fields]\n\
             contract = {{ type = \"ref\", to = \"takeouts\", label = {{ ja = \"契約\", en = \"Contract\" }} }}\n{fields}\n\
             partner = {{ type = \"text\", label = {{ ja = \"相手\", en = \"Partner\" }} }}\n\n[access]\nview = [\"staff@unit\"]\n\
             create = [\"staff@unit\"]\n\n[lifecycle]\nstates = [\"draft\", \"closed\"]\ninitial = \"draft\"\nfinal = [\"closed\"]\n\n\
             [transitions.close]\nfrom = [\"draft\"]\nto = \"closed\"\nby = [\"applicant\"]\n"
        )
    };
    let above = "above = { type = \"ref?\", to = \"subs\", label = { ja = \"上\", en = \"Above\" } }";
    source.insert("duties/subs/register.toml", beside(above).into_bytes());
    let all = said(&source);
    assert!(
        all.contains("種類「contract」の台帳に添う台帳「subs」には、型 date? の項目「began_on」が要ります"),
        "{all}"
    );
    assert!(all.contains("種類「contract」の台帳に添う台帳「subs」に in_force がありません"), "{all}");
    assert!(!all.contains("台帳「subs」には、型 text の項目「partner」"), "{all}");

    // The field by which it is known decides what it is: with units it is something that is given out.
    let units = "units = { type = \"int\", label = { ja = \"点数\", en = \"Units\" } }";
    source.insert("duties/subs/register.toml", beside(units).into_bytes());
    let all = said(&source);
    assert!(all.contains("型 int? の項目「certificates」が要ります") && !all.contains("began_on"), "{all}");
}
