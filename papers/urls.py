"""The site's addresses. What is not named here is a section or a paper: the last line asks `addresses`."""

from django.urls import path, re_path

from . import views

app_name = "papers"

_listings = [
    path("papers/", views.paper_list, name="paper_list"),
    path("search/", views.search_page, name="search"),
    path("venues/<str:slug>/", views.venue, name="venue"),
    re_path(r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", views.month, name="month"),
]
_tags = [
    path("tags/", views.tag_list, name="tag_list"),
    path("tags/<str:slug>/", views.tag, name="tag"),
    path("tags/<str:slug>/feed.xml", views.tag_feed, {"name": "feed.xml"}, name="tag_feed"),
    path("tags/<str:slug>/feed.json", views.tag_feed, {"name": "feed.json"}, name="tag_json_feed"),
]
_site = [
    path("p/<str:uid>/", views.permanent, name="permanent"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon),
    path("-/language/", views.language, name="language"),
    path("-/figures/<path:name>", views.figure, name="figure"),
    path("healthz", views.healthz, name="healthz"),
]
urlpatterns = [
    *_listings,
    *_tags,
    *_site,
    re_path(r"^(?P<path>(?s:.*))\Z", views.page, name="page"),
]
