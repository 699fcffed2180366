"""The class service: it takes what learners answer, grades it again, and shows the class to its instructor.

It runs as a service of JupyterHub, which says who somebody is and what he may do; nothing of that is decided here.
`settings` reads the environment, `grading` judges what arrives, `records` keeps it, `writer` commits many answers at
once, `standing` counts, `kernel` answers notebooks, `pages` answers browsers. A learner needs none of it: it is
installed with the extra `classroom`, which holds JupyterHub and SQLAlchemy and no PyTorch.
"""
