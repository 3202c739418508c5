from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "sanbao.regulations"
    label = "regulations"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.audit.management.commands import migrate
        from sanbao.regulations.models import Draft, Proposal
        from sanbao.regulations.operations import pin_shipped
        from sanbao.regulations.permissions import May

        migrate.AFTER.append(pin_shipped)
        things.register("regulations_draft", lambda access: Draft.objects.visible_to(access, May.SEE))
        things.register("regulations_proposal", lambda access: Proposal.objects.visible_to(access, May.SEE))
