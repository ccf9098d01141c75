az ml folder attach
