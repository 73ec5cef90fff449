"""The right folder is found by setting, by flag, by name, or not at all."""

import pytest

from kitchenwall.adapters.imap.folders import Listed, choose


def named(*names: str, delimiter: str = "/") -> list[Listed]:
    return [Listed(name, delimiter, ()) for name in names]


def test_a_setting_wins() -> None:
    assert choose("drafts", named("Drafts"), "Mine") == "Mine"


def test_a_flag_wins_over_a_name_in_whatever_case_it_was_sent() -> None:
    listed = [Listed("Drafts", "/", ()), Listed("Zettel", "/", ("\\drafts",))]
    assert choose("drafts", listed) == "Zettel"


@pytest.mark.parametrize(
    "name", ["Drafts", "INBOX.Drafts", "[Gmail]/Entwürfe", "Brouillons", "Kopie robocze", "BOZZE"]
)
def test_a_localized_name_is_known(name: str) -> None:
    delimiter = "." if name.startswith("INBOX.") else "/"
    assert choose("drafts", named("INBOX", name, delimiter=delimiter)) == name


def test_between_two_names_there_is_no_guessing() -> None:
    assert choose("drafts", named("Drafts", "Entwürfe")) is None


def test_the_one_nearest_the_root_is_meant() -> None:
    assert choose("drafts", named("Drafts", "Old/Drafts")) == "Drafts"


def test_a_folder_that_cannot_be_opened_is_not_chosen() -> None:
    listed = [Listed("Drafts", "/", ("\\noselect",)), Listed("Entwürfe", "/", ())]
    assert choose("drafts", listed) == "Entwürfe"
