"""Smuggler offices with a rule of their own: what changes where none asks for more than a twentieth over its cost."""

import abm


class CautiousOffice(abm.Office):
    """An office that caps its markup at the end of every month."""

    def step(self) -> None:
        """Act, once all mechanisms of the month have."""
        self.markup = min(self.markup, 0.05)


class CautiousModel(abm.Model):
    """The model with cautious offices."""

    agent_classes = (CautiousOffice,)


print("first half of 2012     markup   median fee   irregular departures   offices open")
for kind in (abm.Model, CautiousModel):
    model = kind("configs/baseline.yaml", rng=1, end="2012-06", population__scale=0.002)
    model.run_model()
    last = {name: column[-6:] for name, column in model.tables()["national"].items()}
    print(
        f"{kind.__name__:20} {last['markup_mean'].mean():8.2f} {last['fee_median'].mean():12,.0f}"
        f" {last['irregular_departures'].sum():22,.0f} {last['offices'].mean():14,.0f}"
    )
