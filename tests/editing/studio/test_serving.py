"""What the studio answers over HTTP."""

import pytest

from efgan_kit.editing.studio import serving


@pytest.fixture(scope="module")
def client(shared):
    pytest.importorskip("gradio")
    from starlette.testclient import TestClient

    with TestClient(serving.build_app(shared, local=True), base_url="http://127.0.0.1:7860") as client:
        yield client


def test_the_page_and_its_pictures_are_served_with_a_policy(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    drawing = client.get("/studio/drawings/AU12.webp")
    assert drawing.headers["content-type"] == "image/webp"
    assert client.get("/studio/examples/0.jpg").headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("path", ["drawings/AU99.webp", "examples/99.jpg", "pictures/nobody/after"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(f"/studio/{path}").status_code == 404


def test_another_name_for_this_machine_is_refused(client):
    """Else a page from elsewhere could have its own name lead here, and read along."""
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_files_of_this_machine_are_not_served(client):
    for path in ("/etc/passwd", "/etc/hostname"):
        assert client.get(f"/gradio_api/file={path}").status_code in (403, 404)


def test_too_large_an_upload_is_refused(client):
    answer = client.post("/gradio_api/upload", files={"files": ("a.png", b"x" * (serving.LARGEST + 1))})
    assert answer.status_code == 413
