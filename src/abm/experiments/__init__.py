"""Experiments: scenarios, designs and seeds, the engines that make their runs, and studies on disk."""
