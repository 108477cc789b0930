"""The site's addresses. What is not named here is a section or a paper: the last line asks `addresses`."""

from django.urls import path, re_path

from .views import bibliography, content, finding, interface, listings, machines, pictures, reading, signed

app_name = "papers"

_listings = [
    path("papers/", listings.paper_list, name="paper_list"),
    path("search/", finding.search_page, name="search"),
    path("venues/<str:slug>/", listings.venue, name="venue"),
    re_path(r"^(?P<year>[0-9]{4})/$", listings.year, name="year"),
    re_path(r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", listings.month, name="month"),
]
_tags = [
    path("tags/", listings.tag_list, name="tag_list"),
    path("tags/<str:slug>/", listings.tag, name="tag"),
    path("tags/<str:slug>/feed.xml", listings.tag_feed, {"name": "feed.xml"}, name="tag_feed"),
    path("tags/<str:slug>/feed.json", listings.tag_feed, {"name": "feed.json"}, name="tag_json_feed"),
]
_site = [
    path("p/<str:uid>/", content.permanent, name="permanent"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
    path("favicon.ico", machines.favicon),
    path("-/search/", finding.palette, name="palette"),
    path("-/language/", interface.language, name="language"),
    re_path(r"^-/card/(?P<path>.*)$", reading.card, name="card"),
    path("-/wanted/", reading.wanted, name="wanted"),
    path("-/collection/", reading.pictures, name="collection"),
    path("-/figures/<path:name>", pictures.figure, name="figure"),
    re_path(r"^-/papers\.(?P<suffix>bib|ris)$", bibliography.bibliography, name="bibliography"),
    path("-/draft/<str:token>/", signed.draft, name="draft"),
    path("healthz", machines.healthz, name="healthz"),
    path("readyz", machines.readyz, name="readyz"),
]
urlpatterns = [
    *_listings,
    *_tags,
    *_site,
    re_path(r"^(?P<path>(?s:.*))\Z", content.page, name="page"),
]
