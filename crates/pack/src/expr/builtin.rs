//! Fields that everything has without a register declaring them.

use std::sync::Arc;

use super::error::both;
use super::schema::Schema;
use super::tree::FieldKind;
use super::{Choices, RegisterShape, Type};
use crate::model::{RegisterKind, Subjects};

/// The fields of persons, units and posts, and the lists of the municipality that do not depend on registers.
pub(super) fn add_fixed(schema: &mut Schema) {
    use Subjects::{Municipality, People, Posts, Units};
    let list = |of: &Subjects| Type::List(Box::new(Type::of_subjects(of)));
    let back = |of: &Subjects, field: &str| FieldKind::Back(of.clone(), field.into());
    let category = Type::Choice(schema.categories.clone());
    let role = Type::Choice(schema.roles.clone());
    let stored = || FieldKind::Stored;
    let rows = [
        (People, "name", both("氏名", "name"), Type::Text, false, stored()),
        (People, "unit", both("所属", "unit"), Type::Unit, false, stored()),
        (People, "category", both("職員区分", "category of staff"), category, false, stored()),
        (People, "active", both("在職", "in service"), Type::Bool, false, stored()),
        (People, "manager", both("上司", "manager"), Type::Person, true, stored()),
        (People, "posts", both("役職", "posts"), list(&Posts), false, back(&Posts, "person")),
        (Units, "name", both("所属名", "name"), Type::Text, false, stored()),
        (Units, "parent", both("上位の所属", "unit above"), Type::Unit, true, stored()),
        (Units, "posts", both("役職", "posts"), list(&Posts), false, back(&Posts, "unit")),
        (Units, "staff", both("職員", "staff"), list(&People), false, back(&People, "unit")),
        (Posts, "role", both("役割", "role"), role, false, stored()),
        (Posts, "unit", both("所属", "unit"), Type::Unit, false, stored()),
        (Posts, "person", both("職員", "person"), Type::Person, false, stored()),
        (Posts, "from", both("着任日", "first day"), Type::Day, false, stored()),
        (Posts, "to", both("離任日", "end"), Type::Day, true, stored()),
        (Municipality, "people", both("職員", "people"), list(&People), false, FieldKind::All(People)),
        (Municipality, "units", both("所属", "units"), list(&Units), false, FieldKind::All(Units)),
        (Municipality, "posts", both("役職", "posts"), list(&Posts), false, FieldKind::All(Posts)),
    ];
    for (of, name, label, ty, optional, kind) in rows {
        schema.add(&of, name, &label, ty, optional, kind);
    }
}

/// The built-in fields of a register's records, and the municipality's list of them.
pub(super) fn add_record_fields(schema: &mut Schema, register: &RegisterShape) {
    let of = Subjects::Register(register.id.clone());
    let states = Choices {
        of: format!("{}.state", register.id).into(),
        ids: register.states.iter().map(|state| (state.id.as_str().into(), state.label.clone())).collect(),
    };
    let rows = [
        ("unit", both("所属", "unit"), Type::Unit),
        ("applicant", both("申請者", "applicant"), Type::Person),
        ("state", both("状態", "state"), Type::Choice(Arc::new(states))),
        ("number", both("番号", "number"), Type::Text),
        ("name", both("名称", "name"), Type::Text),
        ("created_on", both("作成日", "day of creation"), Type::Day),
        ("entered_on", both("現在の状態になった日", "day on which it came into its state"), Type::Day),
    ];
    for (name, label, ty) in rows {
        schema.add(&of, name, &label, ty, false, FieldKind::Stored);
    }
    if register.kind == Some(RegisterKind::Audit) {
        let label = both("独立でない監査人", "auditors who are not independent");
        schema.add(&of, "dependent", &label, Type::List(Box::new(Type::Person)), false, FieldKind::Stored);
    }
    let list = Type::List(Box::new(Type::Record(register.id.as_str().into())));
    let label = both(format!("台帳「{}」", register.id), format!("register '{}'", register.id));
    schema.add(&Subjects::Municipality, &register.id.replace('-', "_"), &label, list, false, FieldKind::All(of));
}
