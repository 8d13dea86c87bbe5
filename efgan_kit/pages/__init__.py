"""What reports are made of: tables, drawings, and a page of HTML that holds everything."""
