"""The losses of a training: losses by name, their weighted sum, and the weights of classes.

Read ``loss_functions`` first, then ``segmentation_loss``, which parses and sums them, and ``class_weights``.
"""
