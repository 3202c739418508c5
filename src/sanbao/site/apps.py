from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "sanbao.site"
    label = "site"

    def ready(self) -> None:
        from sanbao.accounts import events
        from sanbao.audit import telling
        from sanbao.decisions import facts
        from sanbao.decisions.words import word
        from sanbao.knowledge.classes import NAMERS
        from sanbao.regulations import events as regulations
        from sanbao.regulations import publication
        from sanbao.regulations.views import drafts
        from sanbao.site import clauses, navigation, wiring

        events.TELLERS.append(wiring.keep_account_event)
        events.TELLERS.append(wiring.tell_account_event)
        events.LINK_MADE.append(wiring.mail_link)
        regulations.ADOPTED.append(wiring.tell_adoption)
        regulations.MOVED.append(wiring.tell_draft_moved)
        regulations.PROPOSED.append(wiring.tell_proposal)
        publication.CLOSED.append(wiring.settled_months)
        drafts.DECISIONS.append(wiring.asked_in_decision)
        drafts.QUESTION_WORDS.append(word)
        clauses.DOCUMENTS.append(wiring.documents_of_clause)
        clauses.COMPLAINTS.append(wiring.complaints_of_clause)
        telling.register("views:view", "list", lambda _by, name: navigation.title_of(name))
        NAMERS.append(wiring.request_classes)
        facts.NAMERS.append(wiring.names_of_classes)
