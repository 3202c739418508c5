from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "sanbao.documents"
    label = "documents"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import things
        from sanbao.documents.models import Campaign, Document, Version
        from sanbao.documents.permissions import May
        from sanbao.notices import about

        about.register("documents.document", _("Regulation"), "documents:document", May.SEE)
        about.register("documents.campaign", _("Campaign"), "documents:reading", May.SEE)

        things.register("documents_document", lambda access: Document.objects.visible_to(access, May.SEE))
        things.register("documents_version", lambda access: Version.objects.visible_to(access, May.SEE))
        things.register(
            "documents_campaign", lambda access: Campaign.objects.visible_to(access, May.CAMPAIGNS)
        )
