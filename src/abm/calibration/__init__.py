"""Calibration: parameters fitted to records by waves of runs, emulators, history matching and a posterior.

A calibration is an experiment's YAML with a section ``calibration``. Each wave is an ordinary study, made by the same
engines; `abm.calibration.calibrate` goes from wave to wave.
"""
