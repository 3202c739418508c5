"""Which tables keep a row history, and what of a row it never shows. Everything is kept that is not named here with its reason.

Names stand here as they do in the database, so that a table of a package is covered like one of ours.
"""

from collections.abc import Mapping

# Tables without history, and why. Whoever adds one says why no change of it needs a witness.
EXEMPT: Mapping[str, str] = {
    "audit_change": "the history itself; append-only by trigger",
    "audit_event": "append-only by trigger: the row is its own record",
    "decisions_decision": "append-only by trigger: the row is its own record",
    "decisions_cited": "counted by a job from the decisions, which are kept",
    "decisions_counting": "how far that job has come",
    "backtests_difference": "append-only by trigger: the row is its own record",
    "backtests_piece": "how far the worker is with a back-test: what it comes to stands in the back-test, whose history is kept",
    "django_content_type": "made by migrations from the code",
    "django_migrations": "made by migrations from the code",
    "auth_group_permissions": "Django's own groups are not used",
    "auth_permission": "made by migrations from the code",
    "accounts_session": "a browser's session: sign-ins and endings leave events",
    "accounts_signin": "written once: the row is its own record, sign-ins leave events, too",
    "accounts_throttle": "counters of failed tries: lockouts leave events",
    "django_session": "a browser's session: sign-ins leave events",
    "django_site": "not used",
    "knowledge_gram": "counts of pairs of characters, made from the published articles",
    "documents_try": "written once: the row is its own record",
    "files_storedfile": "append-only by trigger: the row is its own record",
    "ledger_entry": "append-only by trigger: the row is its own record",
    "ledger_posting": "append-only by trigger: the row is its own record",
    "imports_progress": "how far the worker is: gone once the file is taken over",
    "imports_brought": "written once: the row is its own record",
    "hooks_delivery": "moved by the worker, holds its own attempts and result; what people do with it leaves events",
    "complaints_entry": "written once: the row is its own record",
    "complaints_report": "append-only by trigger: the row is its own record",
    "intake_summary": "append-only by trigger: the row is its own record",
    "intake_tally": "counted by trigger from the requests, whose history is kept",
    "intake_mailbox": "where the worker stands in a mailbox: no business of its own",
    "intake_serviceaccount": "where the worker stands in an account of WeChat customer service: no business of its own",
    "intake_entry": "written once: the row is its own record",
    "notices_incoming": "written once by a provider's call and ended by the worker; what people do with it leaves events",
    "notices_message": "moved by the worker, holds its own attempts and result; what people do with it leaves events",
    "portal_code": "lives for ten minutes and is deleted after a day; sending leaves an event",
    "portal_visit": "a customer's visit of two hours, deleted after a day; its begin and end leave events",
    "regulations_edition": "append-only by trigger: the row is its own record",
    "workorders_action": "written as a phone sent it; what becomes of a conflict leaves an event",
    "settlements_correction": "append-only by trigger: the row is its own record",
    "settlements_hint": "found anew by the worker from the sheets; what a person finds out about one leaves an event",
    "settlements_line": "made from the sheets and their decision, which is kept; fixed by trigger once submitted, written by the million",
}
# Whole families of tables that hold no business.
EXEMPT_PREFIXES: Mapping[str, str] = {
    "procrastinate_": "the queue of jobs: what a job does to business tables is kept there",
    "edge_": "keys of requests already answered, and counters of rates: gone after a day",
}

# Columns that follow from something kept elsewhere: a change of these alone is no history.
DERIVED: Mapping[str, tuple[str, ...]] = {
    "accounts_person": ("last_login",),
    "accounts_token": ("last_used_at", "last_used_from"),
    "mfa_authenticator": ("last_used_at",),
    "ledger_account": ("balance",),  # moved by the postings
    "hooks_subscription": ("failed_in_row", "dead_in_row", "rests_until"),
    "intake_request": ("alarmed_at",),
    "documents_clause": ("words",),
    "documents_campaign": ("asked", "confirmed"),  # counted from the readings
    "complaints_complaint": ("alarmed_at",),
    "knowledge_article": (
        "helped",
        "failed",
        "brief",
        "words",
        "pairs",
    ),  # from the feedback and the published revision
}

# Columns of these names never stand in the history with their value: only that they changed (ASVS 16.2.5).
SECRETS = ("password", "digest", "secret", "secret_before", "key_hash", "code_hash", "token", "data", "key")
SECRETS_ONLY: Mapping[str, tuple[str, ...]] = {
    "key": ("account_emailconfirmation",),
    "data": ("mfa_authenticator",),  # the seed of an authenticator; elsewhere "data" is an ordinary column
}

# Columns of these names hold a person's data: masked wherever the history is shown, and reached by an erasure.
PERSONAL: Mapping[str, str] = {
    "customer": "name",
    "contact": "name",
    "phone": "phone",
    "mobile": "phone",
    "address": "address",
    "coordinates": "coordinates",
    "email": "email",
    "plate": "plate",
    # Free text may speak of a person: shown as it is, but an erasure takes it out of the history.
    "note": "text",
    "reply": "text",
    "fault": "text",
    "action": "text",
    "report": "text",
}
PERSONAL_OF: Mapping[str, Mapping[str, str]] = {
    "accounts_person": {"name": "name", "username": "name"},
    "customers_customer": {"name": "name", "initials": "text", "plan": "text"},
    "customers_contact": {"name": "name", "wechat": "text", "wecom": "text", "wecom_kf": "text"},
    "customers_address": {"text": "address"},
    "intake_request": {
        "subject": "text",
        "description": "text",
        "solution": "text",
        "feedback": "text",
        "customer_help": "text",
        "reason": "text",
        "writer": "text",
    },
    "complaints_complaint": {
        "subject": "text",
        "description": "text",
        "wish": "text",
        "finding": "text",
        "solution": "text",
        "outcome": "text",
        "told": "text",
        "feedback": "text",
        "lesson": "text",
        "reason": "text",
    },
    "complaints_compensation": {"resolution": "text", "receipt": "text", "reason": "text"},
    "complaints_case": {"words": "text"},
    "outlets_certificate": {"number": "text"},
    "products_registration": {"name": "name", "reason": "text"},
    "intake_task": {"title": "text", "result": "text"},
    "intake_worktime": {
        "came_at": "text",
        "went_at": "text",
        "late": "text",
        "early": "text",
        "reason": "text",
    },
    "workorders_order": {
        "cause": "text",
        "customer_help": "text",
        "rating_words": "text",
        "reason": "text",
    },
    "workorders_plan": {
        "cause": "text",
        "content": "text",
        "method": "text",
        "steps": "text",
        "answered_by": "name",
        "answered_phone": "phone",
        "answer_note": "text",
    },
    "workorders_visit": {"latitude": "coordinates", "longitude": "coordinates"},
    "workorders_stepdone": {"words": "text", "reason": "text"},
    "workorders_signature": {"name": "name"},
    "views_view": {"name": "text", "cut": "text"},  # the words searched for
    "workorders_wish": {"words": "text", "answer": "text"},
    "callbacks_plan": {"reason": "text"},
    "callbacks_callback": {"reason": "text"},
    "callbacks_record": {"usage": "text", "suggestions": "text", "words": "text", "more": "text"},
    "callbacks_promisedanswer": {"question": "text", "answer": "text"},
    "callbacks_need": {"words": "text", "told_to": "text"},
    "callbacks_observation": {"words": "text"},
    "surveys_response": {"words": "text", "looked_words": "text"},
    "surveys_said": {"words": "text"},
}
PERSONAL_NOT: Mapping[str, tuple[str, ...]] = {
    "accounts_company": ("address",),  # the company's own, printed on every form
}


def exempt(table: str) -> str:
    """Why the table has no history; empty where it has one."""
    for prefix, reason in EXEMPT_PREFIXES.items():
        if table.startswith(prefix):
            return reason
    return EXEMPT.get(table, "")


def secret(table: str, columns: list[str]) -> list[str]:
    """The columns whose values the history never holds."""
    return [
        name
        for name in columns
        if name in SECRETS and (name not in SECRETS_ONLY or table in SECRETS_ONLY[name])
    ]


def personal(table: str, columns: list[str]) -> dict[str, str]:
    """The columns with a person's data, and what kind each is: name, phone, address, email, plate, text."""
    found = {name: PERSONAL[name] for name in columns if name in PERSONAL}
    found |= {name: kind for name, kind in PERSONAL_OF.get(table, {}).items() if name in columns}
    return {name: kind for name, kind in found.items() if name not in PERSONAL_NOT.get(table, ())}
