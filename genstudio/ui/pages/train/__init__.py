"""The place where models are trained."""

from genstudio.ui.pages.train.page import TrainPage

__all__ = ["TrainPage"]
