"""One page to mail: what a run, a study, a calibration or the facts asked and found, as a single HTML file."""
