"""The widgets: one .py and one .js of the same name each, on shared ES modules; all arithmetic is conv.js."""
