"""The ledger alone: double entry, claims, and what it says when the books do not close."""

from __future__ import annotations

import pytest

from abm.engine.ledger import ACCOUNTS, Ledger


def test_every_rupee_has_a_payer_and_a_payee():
    ledger = Ledger()
    ledger.pay("employers", "households", "wages", 500)
    ledger.pay("households", "sellers", "consumption", 300)
    ledger.pay("households", "sellers", "consumption", 20)
    assert ledger.balances["households"] == 180
    assert ledger.balances["employers"] == -500 and ledger.balances["sellers"] == 320
    assert sum(ledger.balances.values()) == 0
    assert ledger.flows == {("employers", "households", "wages"): 500, ("households", "sellers", "consumption"): 320}


def test_a_loan_is_money_and_a_claim_interest_only_a_claim():
    ledger = Ledger()
    ledger.lend(1_000)
    ledger.accrue(50)
    ledger.repay(400)
    assert ledger.claims == {"lenders": 650, "offices": 0, "bonding_employers": 0}
    assert ledger.balances["households"] == 600 and ledger.balances["lenders"] == -600
    assert ledger.check({"households": 600}, {"lenders": 650, "offices": 0}) == []


def test_every_creditor_has_claims_of_its_own():
    """A fee on credit is owed without money having changed hands; a default moves only the claim."""
    ledger = Ledger()
    ledger.pay("endowment", "households", "opening savings", 500)
    ledger.lend(100)
    ledger.accrue(300, "offices")
    assert ledger.claims == {"lenders": 100, "offices": 300, "bonding_employers": 0}
    assert ledger.balances["offices"] == 0
    ledger.repay(120, "offices", "instalment")
    ledger.write_off(180, "offices")
    assert ledger.claims == {"lenders": 100, "offices": 0, "bonding_employers": 0}
    ledger.lend(70, "advance", "bonding_employers")
    assert ledger.claims == {"lenders": 100, "offices": 0, "bonding_employers": 70}
    assert ledger.flows["bonding_employers", "households", "advance"] == 70
    ledger.repay(70, "bonding_employers", "bond repayment")
    assert ledger.balances["offices"] == 120 and ledger.balances["households"] == 480
    assert ledger.flows["households", "offices", "instalment"] == 120
    assert sum(ledger.balances.values()) == 0


def test_a_subsidy_pays_the_lenders_and_not_the_household():
    ledger = Ledger()
    ledger.lend(100)
    ledger.accrue(10)
    ledger.subsidise(10)
    assert ledger.claims["lenders"] == 100
    assert ledger.balances["households"] == 100 and ledger.balances["lenders"] == -90
    assert ledger.flows["government", "lenders", "interest subsidy"] == 10


def test_a_new_month_forgets_flows_and_keeps_balances():
    ledger = Ledger()
    ledger.pay("endowment", "households", "opening savings", 70)
    ledger.open_month()
    assert ledger.flows == {}
    assert ledger.balances["households"] == 70


def test_nothing_is_booked_for_nothing():
    ledger = Ledger()
    ledger.pay("employers", "households", "wages", 0)
    assert ledger.flows == {}


def test_amounts_beyond_64_bits_do_not_wrap():
    ledger = Ledger()
    for _ in range(3):
        ledger.pay("employers", "households", "wages", 2**63)
    assert ledger.balances["households"] == 3 * 2**63


def test_a_negative_payment_is_refused_and_named():
    ledger = Ledger()
    with pytest.raises(ValueError, match=r"negative payment of -5 PKR from sellers to households \(refund\)"):
        ledger.pay("sellers", "households", "refund", -5)
    assert set(ledger.balances.values()) == {0}


def test_unknown_accounts_are_refused():
    with pytest.raises(KeyError, match="bank"):
        Ledger().pay("bank", "households", "loan", 5)
    assert set(Ledger().balances) == set(ACCOUNTS)


@pytest.mark.parametrize(
    ("held", "owed", "messages"),
    [
        ({"households": 99}, {"lenders": 40}, ["households hold 99 PKR, the books say 100"]),
        ({"households": 100}, {"lenders": 41}, ["households owe lenders 41 PKR, the books say 40"]),
        ({"offices": -3}, {"offices": 6}, ["offices hold -3 PKR, the books say -4",
                                           "households owe offices 6 PKR, the books say 7"]),
        ({"escrow": 5, "offices": -4}, {}, ["escrow hold 5 PKR, the books say 4"]),
    ],
)  # fmt: skip
def test_books_that_do_not_close_are_reported_in_words(held: dict[str, int], owed: dict[str, int], messages: list[str]):
    ledger = Ledger()
    ledger.pay("endowment", "households", "opening savings", 60)
    ledger.lend(40)
    ledger.pay("offices", "escrow", "deposit", 4)
    ledger.accrue(7, "offices")
    assert ledger.check({"households": 100, "offices": -4, "escrow": 4}, {"lenders": 40, "offices": 7}) == []
    assert ledger.check(held, owed) == messages


def test_a_broken_balance_is_reported_in_words():
    ledger = Ledger()
    ledger.balances["sellers"] += 7
    assert ledger.check({}, {}) == ["balances sum to 7 PKR and not to zero"]
