"""What the pages share to draw: look, filters, figures, charts and maps."""
