"""The saved site: the course as pages that need no Python, and whose widgets are alive all the same.

`runs` runs the notebooks and keeps what came out; `states` takes the widgets out of a run; `mathml` writes the
formulas; `pages` makes HTML of it by nbconvert; `publish` puts it all into a folder. `decks` and
`slides` make slides of the same runs. In the page, `site.js` is what the
widgets live in. Nothing here is imported when a lesson is opened.
"""
