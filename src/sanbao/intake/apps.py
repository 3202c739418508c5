from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "sanbao.intake"
    label = "intake"

    def ready(self) -> None:
        from django.conf import settings
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, telling, things
        from sanbao.customers import history
        from sanbao.documents import record
        from sanbao.hooks import kinds as told
        from sanbao.imports import kinds
        from sanbao.intake import (
            announced,
            channels,
            chat,
            customer_service,
            importing,
            mailboxes,
            working_times,
        )
        from sanbao.intake.models import Force, Request
        from sanbao.intake.permissions import May
        from sanbao.intake.personal import Source, addresses_of
        from sanbao.intake.queries import chapter, chapter_of_unit, class_of
        from sanbao.notices import about
        from sanbao.notices.inbox import KEEPERS, LISTENERS
        from sanbao.products import history as units

        kinds.register(importing.KIND)
        record.PARTS.append(working_times.part)
        told.register(*announced.KINDS)
        channels.read_settings(settings.CHANNELS)  # nothing starts with a setting that can't be read
        KEEPERS["email"] = mailboxes.keeper
        LISTENERS["email"] = mailboxes.listener
        LISTENERS["wechat"], LISTENERS["wecom"], LISTENERS["sms"] = chat.of_wechat, chat.of_wecom, chat.of_sms
        KEEPERS["wecom_kf"], LISTENERS["wecom_kf"] = customer_service.keeper, chat.of_customer_service
        personal.register(Source())
        personal.ADDRESSES.append(addresses_of)
        about.register("intake.request", _("Request"), "intake:request", May.SEE)
        about.register("intake.force", _("Task force"), "intake:force", May.SEE_FORCE)
        things.register("intake_request", lambda access: Request.objects.visible_to(access, May.SEE))
        things.register("intake_force", lambda access: Force.objects.visible_to(access, May.SEE_FORCE))
        telling.register(
            "intake:request", "category", lambda by, code: str(class_of(by.company_id, code) or "")
        )
        history.register("requests", _("Requests"), chapter)
        units.register("requests", _("Requests"), chapter_of_unit)
