"""The scripts a company begins with (KA-9.4); it changes them as it likes. Places such as {customer} are filled as in standard phrases."""

# What a record asks, in the order of the talk; a kind leaves out what does not concern it.
QUESTIONS = {
    "came": "请问我们的师傅上门服务过了吗？",
    "works": "产品现在使用正常吗？",
    "timely": "师傅是按约定时间上门的吗？",
    "attitude": "您对师傅的服务态度满意吗？1到5分您打几分？",
    "quality": "您对安装（维修）质量满意吗？1到5分您打几分？",
    "charges_told": "如有收费，师傅事先向您说明过收费标准吗？",
    "charged_fen": "请问一共收了您多少钱？",
    "satisfaction": "总体上，您对这次服务打几分？",
    "usage": "平时使用得怎么样，有什么不清楚的地方吗？",
    "suggestions": "您对我们的产品和服务有什么意见或建议？",
}

OPENING = "您好，请问是{customer}吗？我是{company}售后服务部的{agent}。给您回访一下{product}的服务情况，大概占用您两分钟，您现在方便吗？"
CLOSING = "感谢您的配合。今后使用中有任何问题，请拨打{hotline}。祝您生活愉快，再见！"
LATER = "您好，请问是{customer}吗？我是{company}售后服务部的{agent}。上次服务后已过了一段时间，想了解一下{product}的使用情况，您现在方便吗？"

# kind -> (opening, the questions by their codes)
SCRIPTS = {
    "installation": (OPENING, ("came", "works", "timely", "attitude", "quality", "charges_told", "charged_fen", "satisfaction", "usage", "suggestions")),
    "repair": (OPENING, ("came", "works", "timely", "attitude", "quality", "charges_told", "charged_fen", "satisfaction", "suggestions")),
    "service": (OPENING, ("came", "works", "timely", "attitude", "charges_told", "satisfaction", "suggestions")),
    "recheck": (OPENING, ("came", "works", "attitude", "quality", "satisfaction", "suggestions")),
    "complaint": (OPENING, ("works", "satisfaction", "suggestions")),
    "proactive": (LATER, ("works", "usage", "satisfaction", "suggestions")),
}  # fmt: skip
