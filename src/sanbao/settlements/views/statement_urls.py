from django.urls import path

from sanbao.settlements.views import months, statements

statement_urls = [
    path("months/", months.months, name="months"),
    path("months/receipt/", months.receipt, name="receipt"),
    path("months/statements/", months.make, name="make"),
    path("statements/", statements.statements, name="statements"),
    path("statements/moves/<slug:noun>/", statements.move_statements, name="statements-move"),
    path("statements/<int:pk>/", statements.statement, name="statement"),
    path("statements/<int:pk>/why/", statements.why, name="statement-why"),
    path("statements/<int:pk>/lines/<int:sheet>/why/", statements.line_why, name="statement-line-why"),
    path("statements/<int:pk>/pdf/", statements.pdf, name="statement-pdf"),
    path("statements/<int:pk>/xlsx/", statements.xlsx, name="statement-xlsx"),
    path("statements/<int:pk>/answers/", statements.answer, name="answer"),
    path("statements/<int:pk>/moves/<slug:noun>/", statements.move, name="move"),
    path("answers/<int:pk>/reply/", statements.reply, name="reply"),
]
