"""A first run: who leaves in three years, and where the largest share of households wishes to and cannot pay."""

import abm

result = abm.run("configs/baseline.yaml", seed=7, scale=0.001, set=["end=2011-12"], plots=False)
print(result)
yearly = result.national.set_index("month")[["legal_departures", "irregular_departures", "deaths_en_route"]]
print(yearly.resample("YS").sum())
last = result.district[result.district["month"] == result.district["month"].max()]
share = last["involuntary_immobility"] / last["households"]
print("households that want to leave and cannot pay, highest shares:")
print(last[["unit"]].assign(share=share).nlargest(5, "share").to_string(index=False))
