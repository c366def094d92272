"""Other streams of exploitation: bonded labour and trafficking."""
