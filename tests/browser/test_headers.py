"""The security policy holds in a real browser: what is not ours is not run, asked or framed."""

import pytest

from tests.browser.conftest import Visit

#: Each tries something that the policy forbids, as text that slipped into a page might.
ATTEMPTS = {
    "script-src-elem": "const s = document.createElement('script');"
    " s.textContent = 'window.slipped = 1'; document.body.append(s)",
    "script-src-attr": "const i = document.createElement('i');"
    " i.setAttribute('onclick', 'window.slipped = 1'); document.body.append(i); i.click()",
    "connect-src": "fetch('https://example.com/').catch(() => 0)",
    "img-src": "new Image().src = 'https://example.com/a.png'",
    "frame-src": "const f = document.createElement('iframe'); f.src = 'https://example.com/';"
    " document.body.append(f)",
    "base-uri": "const b = document.createElement('base'); b.href = 'https://example.com/';"
    " document.head.append(b)",
}  # fmt: skip


@pytest.mark.parametrize("rule", ATTEMPTS)
def test_what_slips_into_a_page_does_nothing(visit: Visit, rule: str) -> None:
    visit.open("about")
    broken = visit.page.evaluate(
        "attempt => new Promise(done => {"
        " document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));"
        " setTimeout(() => done('nothing'), 5000); new Function(attempt)() })",
        ATTEMPTS[rule],
    )
    assert broken == rule
    assert visit.page.evaluate("window.slipped") is None


def test_another_site_cannot_frame_the_app(visit: Visit) -> None:
    # A page of its own origin, as any other site is.
    visit.page.goto("data:text/html,<iframe src='" + visit.address + "/about'></iframe>")
    visit.page.wait_for_timeout(2500)
    frames = [frame.url for frame in visit.page.frames[1:]]
    assert frames
    assert all(not frame.startswith(visit.address) for frame in frames)
