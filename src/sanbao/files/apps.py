from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "sanbao.files"
    label = "files"
