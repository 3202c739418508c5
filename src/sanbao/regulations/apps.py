from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "sanbao.regulations"
    label = "regulations"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.regulations.models import Draft, Proposal
        from sanbao.regulations.permissions import May

        things.register("regulations_draft", lambda access: Draft.objects.visible_to(access, May.SEE))
        things.register("regulations_proposal", lambda access: Proposal.objects.visible_to(access, May.SEE))
