"""What a notebook shows of runs and compute targets: HTML and SVG that need nothing from elsewhere."""
