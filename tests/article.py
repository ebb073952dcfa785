"""The loss weights of the article, as it gives them."""

from core import LossWeights

ARTICLE = LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)
