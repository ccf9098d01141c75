az ml run submit-script -e <experiment> -c <runconfig> my_train.py
