"""Small tools: names, arrays, files, summaries, pictures."""
