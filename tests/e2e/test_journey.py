"""A viewer looks for something to watch, opens it, and sees where it can be watched."""

import pytest

from shared.catalog.values import OfferType
from tests.e2e.cloud import Cloud

PLATFORMS = {
    "netflix",
    "prime_video",
    "disney_plus",
    "hbo_max",
    "hulu",
    "apple_tv_plus",
    "paramount_plus",
    "peacock",
    "youtube",
}


def test_viewer_goes_from_words_to_a_page_to_the_offers_of_one_platform(cloud: Cloud) -> None:
    hit = cloud.search(q="space adventure", region="US", platforms="netflix")["results"][0]
    path = f"/api/v1/content/{hit['content']['id']}"

    page = cloud.ask("GET", f"{path}?region=US").required()
    offers = cloud.ask("GET", f"{path}/availability?region=US&platform=netflix").required()["items"]

    assert page["title"] == hit["content"]["title"]
    assert offers
    assert {offer["platform"] for offer in offers} == {"netflix"}
    assert {offer["type"] for offer in offers} <= set(OfferType)
    assert all(offer["link"].startswith("https://") for offer in offers)


@pytest.mark.parametrize(("platform", "region"), [("hulu", "US"), ("disney_plus", "GB")])
def test_filter_holds_for_every_hit(cloud: Cloud, platform: str, region: str) -> None:
    hits = cloud.search(q="love", platforms=platform, region=region, page_size=50)["results"]

    offered = cloud.rows(
        "SELECT DISTINCT content_id FROM availability"
        " WHERE platform = :platform AND region = :region AND ended_at IS NULL",
        platform=platform,
        region=region,
    )
    assert len(hits) >= 10
    assert {hit["content"]["id"] for hit in hits} <= {str(row[0]) for row in offered}


def test_pages_follow_each_other_without_a_duplicate(cloud: Cloud) -> None:
    asked = {"q": "family", "page_size": 10}

    pages = [cloud.search(**asked, page=number)["results"] for number in (1, 2, 3)]

    ids = [hit["content"]["id"] for page in pages for hit in page]
    assert [len(page) for page in pages] == [10, 10, 10]
    assert len(set(ids)) == 30


def test_title_asked_for_by_name_comes_first(cloud: Cloud) -> None:
    title = cloud.rows(
        "SELECT title FROM content WHERE length(title) > 12"
        " GROUP BY title HAVING count(*) = 1 ORDER BY title LIMIT 1 OFFSET 40"
    )[0][0]

    assert cloud.search(q=title)["results"][0]["content"]["title"] == title


def test_posted_search_answers_as_the_one_with_parameters(cloud: Cloud) -> None:
    filters = {"platforms": ["netflix"], "region": "DE"}
    body = {"query": "heist", "filters": filters, "page_size": 5}

    posted = cloud.ask("POST", "/api/v1/search", body).required()

    got = cloud.search(q="heist", **filters, page_size=5)
    assert posted["results"] == got["results"]
    assert len(posted["results"]) == 5


def test_explained_search_shows_what_each_source_gave(cloud: Cloud) -> None:
    explained = cloud.search(q="space adventure", explain="true")["results"][0]
    plain = cloud.search(q="space adventure")["results"][0]

    assert "vector" in explained["component_scores"]
    assert all(part > 0 for part in explained["component_scores"].values())
    assert "component_scores" not in plain


def test_unknown_route_is_a_problem_that_says_so(cloud: Cloud) -> None:
    answer = cloud.ask("GET", "/api/v1/no-such-thing")

    assert answer.status == 404
    assert answer.body["type"] == "/problems/not-found"
    assert answer.body["trace_id"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [("page_size=1000", "page_size"), ("region=XYZ", "region.0"), ("colour=red", "colour")],
)
def test_unacceptable_parameter_is_named(cloud: Cloud, parameters: str, field: str) -> None:
    answer = cloud.ask("GET", f"/api/v1/search?q=love&{parameters}")

    assert answer.status == 422
    assert [issue["field"] for issue in answer.body["errors"]] == [field]


def test_private_function_is_not_behind_the_public_door(cloud: Cloud) -> None:
    assert cloud.ask("GET", "/api/v1/internal/ingestion/status").status == 404


def test_sample_is_whole(cloud: Cloud) -> None:
    titles = cloud.rows("SELECT count(*) FROM content WHERE merged_into IS NULL")[0][0]
    users = cloud.rows("SELECT count(*) FROM app_user WHERE sample")[0][0]
    where = cloud.rows(
        "SELECT region, platform FROM availability WHERE ended_at IS NULL GROUP BY 1, 2"
    )

    assert titles >= 980
    assert users == 10
    for region in ("US", "GB", "DE"):
        assert {platform for r, platform in where if r == region} >= PLATFORMS
