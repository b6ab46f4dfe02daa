"""What `import horngate` offers, for editors and type checkers: at run time each name is imported when first used."""

from horngate import activations as activations
from horngate import applications as applications
from horngate import backend as backend
from horngate import callbacks as callbacks
from horngate import constraints as constraints
from horngate import datasets as datasets
from horngate import distribution as distribution
from horngate import engine as engine
from horngate import export as export
from horngate import initializations as initializations
from horngate import initializers as initializers
from horngate import keras2 as keras2
from horngate import keras3 as keras3
from horngate import layers as layers
from horngate import losses as losses
from horngate import metrics as metrics
from horngate import mixed_precision as mixed_precision
from horngate import models as models
from horngate import network as network
from horngate import objectives as objectives
from horngate import ops as ops
from horngate import optimizers as optimizers
from horngate import preprocessing as preprocessing
from horngate import random as random
from horngate import regularizers as regularizers
from horngate import saving as saving
from horngate import tree as tree
from horngate import utils as utils
from horngate import wrappers as wrappers
from horngate.backend.config import set_era as set_era
from horngate.backend.mesh import Distribution as Distribution
from horngate.backend.report import show_config as show_config
from horngate.backend.tape import GradientTape as GradientTape
from horngate.dialects.install import install_as as install_as
from horngate.layers import Input as Input
from horngate.models import Model as Model
from horngate.models import Sequential as Sequential
from horngate.training.functions import function as function
from horngate.training.layouts import distribute as distribute
from horngate.training.many import fit_many as fit_many
from horngate.training.pure import pure as pure

__version__: str
