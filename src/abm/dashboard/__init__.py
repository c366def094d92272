"""The live model in a browser on the same machine; needs the extra ``viz``."""
