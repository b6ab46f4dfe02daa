"""Methods of preparing layers that programs of Keras 3 call by themselves: numbers of the real Keras 3.15.1."""

import numpy as np
import pytest

from horngate import keras3

L = keras3.layers
BOXES = {"boxes": np.array([[[1, 2, 5, 6], [0, 0, 1, 1.0]], [[2, 2, 4, 4], [3, 3, 8, 9]]]), "labels": np.ones((2, 2))}
LEFT, UP = np.array([[0.5], [2.0]]), np.array([[1.0], [-1.0]])
TRANSFORMS = np.array([[1, 0.2, 3, 0.1, 1.5, -2, 0.01, 0.02], [1, 0, 0, 0, 1, 0, 0, 0]])
PLACES = np.array([[1.0], [3.0]]), np.array([[2.0], [4.0]])  # columns and rows
MELS = [[0, 0, 0, 0], [0.8957, 0.1043, 0, 0], [0, 0.8691, 0.1309, 0], [0, 0.1092, 0.8908, 0], [0, 0, 0.5056, 0.4944]]

CASES = [
    (lambda: L.RandomElasticTransform().get_elastic_transform_params(32, 48, 0.5), (2.4, 0.8)),
    (lambda: L.RandomElasticTransform().get_elastic_transform_params(100, 30, 0.2), (2.0, 0.3)),
    (lambda: L.MelSpectrogram().linear_to_mel_weight_matrix(4, 9, 8000)[:5], MELS),
    (
        lambda: L.RandomZoom(0.5).get_clipped_bbox(BOXES, 6, 1, 5, 2)["boxes"],
        [[[0, 1, 3, 5], [0, 0, 0, 0]], [[0, 1, 2, 3], [1, 2, 3, 5]]],
    ),
    *(
        (lambda one=one: one.get_shifted_bbox(BOXES, LEFT, UP)["boxes"][:, 0], [[0.5, 1, 4.5, 5], [1.5, 1, 3.5, 3]])
        for one in (L.RandomShear(0.5), L.RandomTranslation(0.5, 0.5))
    ),
    *(
        (lambda one=one: one.get_transformed_x_y(*PLACES, TRANSFORMS), ([[88 / 21], [3]], [[22 / 21], [4]]))
        for one in (L.RandomShear(0.5), L.RandomTranslation(0.5, 0.5), L.RandomZoom(0.5))
    ),
    (lambda: L.RandomTranslation(0.5, 0.5).get_transformed_x_y(*PLACES, TRANSFORMS[0])[0], [[88 / 21], [680 / 111]]),
]


@pytest.mark.parametrize("i", range(len(CASES)))
def test_helpers_give_the_numbers_of_keras_3(i):
    made, wanted = CASES[i]
    for found, number in zip(made(), wanted, strict=True):
        np.testing.assert_allclose(found, number, rtol=1e-3, atol=1e-4)


def test_grey_images_and_bins_tell_what_keras_3_tells():
    grey, x = L.RandomGrayscale(1.0), np.ones((2, 3, 3, 3), "float32")
    draws = grey.get_random_transformation(images=x, seed=1)
    assert grey.transform_labels(3, transformations=draws) == grey.transform_segmentation_masks(3, draws) == 3
    assert L.Discretization([0.0]).output_dtype == "int32"
    assert L.Discretization([0.0], output_mode="one_hot").output_dtype == "float32"
