from django.urls import path

from sanbao.settlements.views import findings, hand_in, sheets

hand_in_urls = [
    path("hand-in/", hand_in.hand_in, name="hand-in"),
    path("hand-in/<int:pk>/", hand_in.report, name="hand-in-report"),
    path("hand-in/<int:pk>/taking-over/", hand_in.take_over, name="hand-in-take-over"),
    path("hand-in/<int:pk>/dropping/", hand_in.drop, name="hand-in-drop"),
    path("hand-in/<int:pk>/file/", hand_in.original, name="hand-in-file"),
    path("sheets/", sheets.sheets, name="sheets"),
    path("sheets/new/", sheets.write, name="sheet-write"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/unmasking/", sheets.unmask, name="sheet-unmask"),
    path("sheets/<int:pk>/withdrawal/", sheets.withdraw, name="sheet-withdraw"),
    path("sheets/<int:pk>/pdf/", sheets.pdf, name="sheet-pdf"),
    path("findings/", findings.findings, name="findings"),
    path("findings/new/", findings.register, name="finding-register"),
    path("findings/file/", findings.findings_file, name="findings-file"),
    path("findings/<int:pk>/withdrawal/", findings.withdraw, name="finding-withdraw"),
    path("receipts/file/", findings.receipts_file, name="receipts-file"),
]
