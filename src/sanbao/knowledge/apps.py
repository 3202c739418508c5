from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "sanbao.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.knowledge.models import Article, Phrase
        from sanbao.knowledge.permissions import May

        things.register("knowledge_article", lambda access: Article.objects.visible_to(access, May.SEE))
        things.register("knowledge_phrase", lambda access: Phrase.objects.visible_to(access, May.SEE))
