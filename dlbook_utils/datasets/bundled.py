"""Real data that scikit-learn carries inside its package.

Of each set, 60 % is for training, 20 % for validation and 20 % for the test, drawn by the seed, with every
class in its proportion. Tables keep the units they were measured in: scaling them is the reader's to do, from
the training part alone.
"""

from typing import Any

import numpy as np
import torch

from dlbook_utils.datasets.dataset import Dataset, Split


def digits(*, seed: int = 0) -> Dataset:
    """1,797 handwritten digits: x (N, 1, 8, 8) in [0, 1] in steps of 1/16, y in 0..9.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _split(
        "digits",
        (bunch.images[:, None] / 16).astype(np.float32),
        bunch.target.astype(np.int64),
        seed,
        classes=tuple("0123456789"),
        source="Alpaydin and Kaynak (1998), https://doi.org/10.24432/C50P49",
    )


def iris(*, seed: int = 0) -> Dataset:
    """150 iris flowers of three species: x (N, 4), lengths and widths in cm, from 0.1 to 7.9.

    Source: R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936,
    https://doi.org/10.1111/j.1469-1809.1936.tb02137.x
    """
    from sklearn.datasets import load_iris

    return _table(
        "iris", load_iris(), seed, "Fisher (1936), https://doi.org/10.1111/j.1469-1809.1936.tb02137.x"
    )


def wine(*, seed: int = 0) -> Dataset:
    """178 wines from three growers: x (N, 13), chemical measurements from 0.13 (phenols) to 1,680 (proline).

    Source: S. Aeberhard and M. Forina, Wine, UCI Machine Learning Repository, 1992,
    https://doi.org/10.24432/C5PC7J
    """
    from sklearn.datasets import load_wine

    return _table("wine", load_wine(), seed, "Aeberhard and Forina (1992), https://doi.org/10.24432/C5PC7J")


def breast_cancer(*, seed: int = 0) -> Dataset:
    """569 breast tumours, malignant (0) or benign (1): x (N, 30), measured on cell nuclei, from 0 to 4,254.

    Source: W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin (Diagnostic), UCI
    Machine Learning Repository, 1993, https://doi.org/10.24432/C5DW2B
    """
    from sklearn.datasets import load_breast_cancer

    return _table(
        "breast-cancer",
        load_breast_cancer(),
        seed,
        "Wolberg, Mangasarian, Street and Street (1993), https://doi.org/10.24432/C5DW2B",
    )


def diabetes(*, seed: int = 0) -> Dataset:
    """442 patients: x (N, 10), age to blood sugar, and y (N,), how far the disease went in a year, 25 to 346.

    Source: B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least Angle Regression, 2004,
    https://doi.org/10.1214/009053604000000067
    """
    from sklearn.datasets import load_diabetes

    return _table(
        "diabetes",
        load_diabetes(scaled=False),  # scikit-learn's own scaling has seen the test part
        seed,
        "Efron, Hastie, Johnstone and Tibshirani (2004), https://doi.org/10.1214/009053604000000067",
    )


def photographs(*, seed: int = 0) -> Dataset:
    """Two colour photographs, a temple in China and a flower: x (2, 3, 427, 640), all of it in ``train``.

    Source: scikit-learn's sample images, by danielbuechele and vultilion, CC BY 2.0.
    """
    from sklearn.datasets import load_sample_images

    x = torch.from_numpy(np.stack(load_sample_images().images)).permute(0, 3, 1, 2) / 255
    y = torch.arange(2)
    empty = (x[:0], y[:0])
    source = "scikit-learn's sample images: danielbuechele and vultilion, CC BY 2.0"
    return Dataset("photographs", (x, y), empty, empty, source, classes=("china", "flower"))


def _table(name: str, bunch: Any, seed: int, source: str) -> Dataset:
    """Return what scikit-learn's loader gave; a table without ``target_names`` is a regression."""
    classes = tuple(map(str, bunch.get("target_names", ())))
    return _split(
        name,
        bunch.data.astype(np.float32),
        bunch.target.astype(np.int64 if classes else np.float32),
        seed,
        classes=classes,
        features=tuple(map(str, bunch.feature_names)),
        source=source,
    )


def _split(
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    *,
    source: str,
    classes: tuple[str, ...],
    features: tuple[str, ...] = (),
) -> Dataset:
    """Cut 20 % off for the test and 20 % for validation, class by class where there are classes."""
    from sklearn.model_selection import train_test_split

    def cut(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        stratify = y[rows] if classes else None
        kept, fifth = train_test_split(rows, test_size=len(y) // 5, random_state=seed, stratify=stratify)
        return kept, fifth

    def part(rows: np.ndarray) -> Split:
        return torch.from_numpy(x[rows]), torch.from_numpy(y[rows])

    rest, test = cut(np.arange(len(y)))
    train, val = cut(rest)
    return Dataset(name, part(train), part(val), part(test), source, classes, features)
