"""What views draw with: elements, tables, colours, style, Plotly; and who draws when."""
