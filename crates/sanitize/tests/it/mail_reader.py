"""Reads mails with Python's email module and prints what a reader of them gets, as JSON: one line for each file named."""

import email
import email.policy
import hashlib
import json
import sys

for path in sys.argv[1:]:
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    defects = [str(defect) for part in mail.walk() for defect in part.defects]
    for name in mail.keys():
        defects += [f"{name}: {defect}" for defect in mail[name].defects]
    body = mail.get_body(preferencelist=("plain", "html"))
    attachments = []
    for part in mail.iter_attachments():
        if part.get_content_type() == "message/rfc822":
            content = part.get_payload(0).as_bytes(policy=email.policy.SMTP)
        else:
            content = part.get_payload(decode=True)
        attachments.append([part.get_filename(), part.get_content_type(), hashlib.sha256(content).hexdigest()])
    print(json.dumps({
        "subject": str(mail["subject"] or ""),
        "from": [[a.display_name, a.addr_spec] for a in mail["from"].addresses] if mail["from"] else [],
        "to": [[a.display_name, a.addr_spec] for a in mail["to"].addresses] if mail["to"] else [],
        "date": mail["date"].datetime.isoformat() if mail["date"] else "",
        "text": body.get_content().replace("\r\n", "\n") if body else "",
        "attachments": attachments,
        "defects": defects,
    }))
