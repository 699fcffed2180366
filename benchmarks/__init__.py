"""The figures of the course, each beside a rival measured in the same run: python3 -m convlab bench."""
